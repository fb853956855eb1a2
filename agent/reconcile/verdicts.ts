/** Verdicts as they are reported: with the failures of earlier tries, and since when they hold. Pure but for what it remembers. */
import type { Instant, ReportedVerdict } from "../../shared/model/verdict.ts";
import type { Action } from "./action.ts";
import { type Attempt, laneOf } from "./choose.ts";
import type { FacetName } from "./world.ts";

export interface VerdictBook {
  /** Brings the book up to date and gives what is to be reported, sorted by facet and subject. */
  enter(
    actions: readonly Action[],
    attempts: ReadonlyMap<string, Attempt>,
    busy: ReadonlySet<string>,
    blind: ReadonlyMap<FacetName, string>,
    now: Instant,
  ): readonly ReportedVerdict[];
}

export function createVerdictBook(): VerdictBook {
  let since = new Map<string, Instant>();
  return {
    enter(actions, attempts, busy, blind, now) {
      const next = new Map<string, Instant>();
      const reported = [
        ...actions.map((action) => reportOf(action, attempts, busy)),
        ...[...blind].map(([facet, message]): ReportedVerdict => ({
          facet,
          subject: facet,
          kind: "blocked",
          reason: { code: "not_observed", message },
        })),
      ].map((verdict): ReportedVerdict => {
        if (verdict.kind === "converged") return verdict;
        const key = `${verdict.facet} ${verdict.subject} ${verdict.kind} ${verdict.reason.code}`;
        const begun = since.get(key) ?? now;
        next.set(key, begun);
        return { ...verdict, since: begun };
      });
      since = next;
      return reported.sort((a, b) => compare(a.facet, b.facet) || compare(a.subject, b.subject));
    },
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function reportOf(
  action: Action,
  attempts: ReadonlyMap<string, Attempt>,
  busy: ReadonlySet<string>,
): ReportedVerdict {
  const { facet, subject, verdict } = action;
  switch (verdict.kind) {
    case "converged":
      return { facet, subject, kind: "converged", reason: { code: "converged", message: "" } };
    case "waiting":
      return {
        facet,
        subject,
        kind: "waiting",
        reason: verdict.for,
        ...(verdict.until === undefined ? {} : { until: verdict.until }),
      };
    case "blocked":
      return {
        facet,
        subject,
        kind: "blocked",
        reason: verdict.reason,
        remedy: verdict.remedy,
      };
    case "do": {
      const attempt = attempts.get(verdict.key);
      if (attempt !== undefined && !busy.has(laneOf(action))) {
        return {
          facet,
          subject,
          kind: "blocked",
          phase: verdict.phase,
          reason: attempt.reason,
          ...(attempt.remedy === null ? {} : { remedy: attempt.remedy }),
          until: attempt.retryAt,
        };
      }
      return {
        facet,
        subject,
        kind: "do",
        phase: verdict.phase,
        reason: { code: "under_way", message: verdict.why },
      };
    }
  }
}
