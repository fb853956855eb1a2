/** Which check tells that a service is well. */
import type { ComposeHealthcheck, ComposeService } from "../../shared/compose/model.ts";
import { durationMs } from "../../shared/compose/duration.ts";
import { commandOfTest, TIMING_DEFAULTS } from "../../shared/model/docker_healthcheck.ts";
import type { HealthCheck } from "../../shared/model/service_spec.ts";

const PROBE = { intervalMs: 10_000, timeoutMs: 5000, retries: 3, startIntervalMs: 500 };

/** Milliseconds of a duration that the reader has checked; the default where it is absent or none. */
export function msOr(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : durationMs(text) ?? otherwise;
}

function positive(value: number, otherwise: number): number {
  return value > 0 ? value : otherwise;
}

/**
 * First routed, exposed or published TCP port: it is tried where there is no check. Where others live
 * in its network, what it publishes may be theirs, and they start after it.
 */
export function probePortOf(service: ComposeService, hasSharers = false): number | null {
  const routed = service["x-skerry"]?.routes?.[0]?.port;
  if (routed !== undefined) return routed;
  if (hasSharers) return null;
  for (const each of service.expose ?? []) {
    const found = /^(\d+)(?:-\d+)?(?:\/tcp)?$/.exec(each);
    if (found !== null) return Number(found[1]);
  }
  return service.ports?.find((port) => port.protocol === "tcp")?.target ?? null;
}

/**
 * `x-skerry.health` where it has a probe, else `healthcheck`, else none of its own: then the image's,
 * or the port to try.
 */
export function healthCheckOf(service: ComposeService, hasSharers = false): HealthCheck {
  const own = service["x-skerry"]?.health;
  if (own !== undefined && (own.http !== undefined || own.tcp === true)) {
    const port = own.port ?? probePortOf(service, hasSharers);
    if (port !== null) {
      const timing = {
        intervalMs: positive(msOr(own.interval, PROBE.intervalMs), PROBE.intervalMs),
        timeoutMs: positive(msOr(own.timeout, PROBE.timeoutMs), PROBE.timeoutMs),
        retries: own.retries ?? PROBE.retries,
        startPeriodMs: msOr(own.start_period, 0),
        startIntervalMs: PROBE.startIntervalMs,
      };
      return own.http === undefined
        ? { kind: "tcp", port, ...timing }
        : { kind: "http", path: own.http, port, ...timing };
    }
  }
  const check = service.healthcheck;
  const none = { kind: "none", probePort: probePortOf(service, hasSharers) } as const;
  if (check === undefined) return none;
  const { test } = check;
  if (check.disable === true || test?.[0] === "NONE") return { ...none, ignoresImage: true };
  const run = commandOfTest(test ?? []);
  if (run === null) return { ...none, imageTiming: timingOf(check) };
  return { kind: "exec", command: [...run], ...TIMING_DEFAULTS, ...timingOf(check) };
}

/** The times that are written; what is 0 is Docker's default, as there. */
function timingOf(check: ComposeHealthcheck): Partial<typeof TIMING_DEFAULTS> {
  const written = {
    intervalMs: msOr(check.interval, 0),
    timeoutMs: msOr(check.timeout, 0),
    retries: check.retries ?? 0,
    startPeriodMs: msOr(check.start_period, 0),
    startIntervalMs: msOr(check.start_interval, 0),
  };
  return Object.fromEntries(Object.entries(written).filter(([, value]) => value > 0));
}
