/** Which check tells that a service is well. */
import type { ComposeHealthcheck, ComposeService } from "../../shared/compose/model.ts";
import { durationMs } from "../../shared/compose/duration.ts";
import type { HealthCheck } from "../../shared/model/service_spec.ts";

/** Docker's defaults for `healthcheck`; the checks while starting come each second. */
const EXEC = { intervalMs: 30_000, timeoutMs: 30_000, retries: 3, startIntervalMs: 1000 };
const PROBE = { intervalMs: 10_000, timeoutMs: 5000, retries: 3, startIntervalMs: 500 };

/** Milliseconds of a duration that the reader has checked; the default where it is absent or none. */
export function msOr(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : durationMs(text) ?? otherwise;
}

function positive(value: number, otherwise: number): number {
  return value > 0 ? value : otherwise;
}

/** First routed, exposed or published TCP port: it is tried where there is no check. */
export function probePortOf(service: ComposeService): number | null {
  const routed = service["x-skerry"]?.routes?.[0]?.port;
  if (routed !== undefined) return routed;
  for (const each of service.expose ?? []) {
    const found = /^(\d+)(?:-\d+)?(?:\/tcp)?$/.exec(each);
    if (found !== null) return Number(found[1]);
  }
  return service.ports?.find((port) => port.protocol === "tcp")?.target ?? null;
}

function command(check: ComposeHealthcheck): readonly string[] | null {
  if (check.disable === true) return null;
  const [form, ...rest] = check.test ?? [];
  switch (form) {
    case "CMD":
      return rest.length > 0 ? rest : null;
    case "CMD-SHELL":
      // The container's own shell, as Compose says: nothing of this runs on the host.
      return rest.length > 0 ? ["/bin/sh", "-c", rest.join(" ")] : null;
    default:
      return null;
  }
}

/** `x-skerry.health` where it has a probe, else `healthcheck`, else none with the port to try. */
export function healthCheckOf(service: ComposeService): HealthCheck {
  const own = service["x-skerry"]?.health;
  if (own !== undefined && (own.http !== undefined || own.tcp === true)) {
    const port = own.port ?? probePortOf(service);
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
  const run = check === undefined ? null : command(check);
  if (check === undefined || run === null) {
    return { kind: "none", probePort: probePortOf(service) };
  }
  return {
    kind: "exec",
    command: [...run],
    intervalMs: positive(msOr(check.interval, EXEC.intervalMs), EXEC.intervalMs),
    timeoutMs: positive(msOr(check.timeout, EXEC.timeoutMs), EXEC.timeoutMs),
    retries: positive(check.retries ?? EXEC.retries, EXEC.retries),
    startPeriodMs: msOr(check.start_period, 0),
    startIntervalMs: positive(
      msOr(check.start_interval, EXEC.startIntervalMs),
      EXEC.startIntervalMs,
    ),
  };
}
