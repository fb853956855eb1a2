/** Which step is next. Pure. */
import { type Instant, PHASES, type Reason } from "../../shared/model/verdict.ts";
import type { Action, Run } from "./action.ts";

/** What went wrong with a step the last times. */
export interface Attempt {
  readonly failures: number;
  readonly retryAt: Instant;
  readonly reason: Reason;
  readonly remedy: string | null;
}

export type Do = Action & { readonly verdict: { readonly kind: "do"; readonly step: Run } };

function isDo(action: Action): action is Do {
  return action.verdict.kind === "do";
}

export function laneOf(action: Pick<Action, "facet" | "subject">): string {
  return `${action.facet}:${action.subject}`;
}

/**
 * The steps that may begin now, first the ones of the earliest phase, within a phase in the order
 * of the plans. A step whose key is backing off, or whose subject another step is busy with, lets
 * the next one pass, so that one that always fails starves nobody.
 */
export function choose(
  actions: readonly Action[],
  attempts: ReadonlyMap<string, Attempt>,
  busy: ReadonlySet<string>,
  now: Instant,
): readonly Do[] {
  const ready = actions.filter(isDo).filter((action) => {
    const attempt = attempts.get(action.verdict.key);
    return !busy.has(laneOf(action)) && (attempt === undefined || attempt.retryAt <= now);
  });
  return PHASES.flatMap((phase) => ready.filter((action) => action.verdict.phase === phase));
}
