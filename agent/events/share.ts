/**
 * What is kept of old events when there are too many: of each service its newest ones, so that one
 * that falls over and over does not push out what happened to the others. Pure.
 */
import type { NodeEvent } from "../../shared/model/event.ts";
import type { Line } from "./journal.ts";

/** Around each line and each event in the file. */
const OVERHEAD_BYTES = 64;

/** The service that an event is about; of the node's own, one more. */
function groupOf({ subject }: NodeEvent): string {
  return subject === null ? "" : `${subject.project}/${subject.service ?? ""}`;
}

function sizeOf(event: NodeEvent): number {
  return new TextEncoder().encode(JSON.stringify(event)).length + OVERHEAD_BYTES;
}

/** The most that one may have, so that all together have the budget. */
export function shareOf(sizes: readonly number[], budget: number): number {
  let left = budget;
  const rising = [...sizes].sort((a, b) => a - b);
  for (const [at, size] of rising.entries()) {
    const share = left / (rising.length - at);
    if (size > share) return share;
    left -= size;
  }
  return Number.POSITIVE_INFINITY;
}

/** Lines with what is kept of their events, without facts; in their order, each number once. */
export function keptOf(lines: readonly Line[], budgetBytes: number): Line[] {
  const byNumber = new Map(lines.map((line) => [line.n, line]));
  const ordered = [...byNumber.values()].sort((a, b) => a.n - b.n);
  const sizes = new Map<string, number>();
  for (const event of ordered.flatMap(({ events }) => events)) {
    sizes.set(groupOf(event), (sizes.get(groupOf(event)) ?? 0) + sizeOf(event));
  }
  const share = shareOf([...sizes.values()], budgetBytes);
  const used = new Map<string, number>();
  const full = new Set<string>();
  const isKept = (event: NodeEvent) => {
    const group = groupOf(event);
    const size = (used.get(group) ?? 0) + sizeOf(event);
    // Nothing older than what was dropped is kept.
    if (size > share) full.add(group);
    if (full.has(group)) return false;
    used.set(group, size);
    return true;
  };
  const kept = ordered.toReversed().map((line): Line => ({
    n: line.n,
    whole: false,
    facts: {},
    events: line.events.toReversed().filter(isKept).toReversed(),
  }));
  return kept.toReversed().filter(({ events }) => events.length > 0);
}
