/** Sends reports: when something changed, and now and then as a sign of life. The newest one wins; none is queued. */
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import { canonicalJson } from "../../shared/model/hash.ts";
import type { Report } from "../../shared/model/report.ts";
import { backoffMs } from "../reconcile/backoff.ts";

export interface Reporter {
  offer(report: Omit<Report, "sequence">): void;
  run(signal: AbortSignal): Promise<void>;
}

export interface ReporterDeps {
  send(report: Report, signal: AbortSignal): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
  /** Without any change a report is sent after this. */
  readonly heartbeatMs: number;
  /** The longest pause between two tries. */
  readonly retryCapMs: number;
}

/** What of a report counts as a change: bytes of the disk come and go, and travel with the others. */
function contentOf({ disk, ...report }: Omit<Report, "sequence">): string {
  return canonicalJson({ ...report, at: 0, disk: disk?.level ?? null });
}

export function createReporter(deps: ReporterDeps): Reporter {
  const { clock } = deps;
  let latest: Omit<Report, "sequence"> | null = null;
  let latestContent = "";
  let sentContent = "";
  let sentAtMs = Number.NEGATIVE_INFINITY;
  let sequence = 0;
  let wake: (() => void) | null = null;

  return {
    offer(report) {
      latest = report;
      latestContent = contentOf(report);
      if (latestContent !== sentContent) wake?.();
    },
    async run(signal) {
      let failures = 0;
      while (!signal.aborted) {
        const due = latest !== null &&
          (latestContent !== sentContent || clock.monotonic() - sentAtMs >= deps.heartbeatMs);
        if (due && latest !== null) {
          const content = latestContent;
          try {
            await deps.send({ ...latest, at: clock.now(), sequence: sequence++ }, signal);
            sentContent = content;
            sentAtMs = clock.monotonic();
            failures = 0;
            continue;
          } catch (thrown) {
            if (signal.aborted) return;
            failures += 1;
            deps.log.warn("a report did not arrive", { reason: messageOf(thrown) });
          }
        }
        const waking = new AbortController();
        wake = failures > 0 ? null : () => waking.abort();
        const ms = failures > 0 ? backoffMs(failures, 1_000, deps.retryCapMs) : deps.heartbeatMs;
        await clock.sleep(ms, AbortSignal.any([signal, waking.signal]));
        wake = null;
      }
    },
  };
}
