/** Which segments have to go so that logs keep to their budgets. Pure. */

export interface SegmentInfo {
  readonly deployment: string;
  readonly number: number;
  readonly bytes: number;
  /** Time of its last change, milliseconds since 1970. */
  readonly changedAt: number;
  /** It is being written to, and stays. */
  readonly active: boolean;
}

export interface LogBudget {
  readonly totalBytes: number;
  readonly deploymentBytes: number;
}

/** The log of a deployment that is no more. */
export interface PastLog {
  /** Logs of one service's slot have the same. */
  readonly slot: string;
  /** Time of its last change, milliseconds since 1970; null: nothing is left of it. */
  readonly changedAt: number | null;
}

/**
 * The logs to forget as a whole: of each slot all but the newest, so that neither the disk nor what
 * a look costs grows with the number of applies, and no service pushes out what another one logged.
 */
export function toForget<Log extends PastLog>(
  past: readonly Log[],
  most: { readonly ofSlot: number; readonly inAll: number },
): readonly Log[] {
  const newestFirst = past.filter(({ changedAt }) => changedAt !== null)
    .sort((a, b) => (b.changedAt ?? 0) - (a.changedAt ?? 0));
  const slots = Map.groupBy(newestFirst, ({ slot }) => slot);
  const ofSlots = new Set([...slots.values()].flatMap((logs) => logs.slice(0, most.ofSlot)));
  const kept = new Set(newestFirst.filter((log) => ofSlots.has(log)).slice(0, most.inAll));
  return past.filter((log) => !kept.has(log));
}

/** In the order of dropping: first what exceeds a deployment's own budget, then the oldest of all. */
export function segmentsToDrop(
  segments: readonly SegmentInfo[],
  budget: LogBudget,
): readonly SegmentInfo[] {
  const oldestFirst = [...segments].sort((a, b) =>
    a.changedAt - b.changedAt || a.number - b.number || (a.deployment < b.deployment ? -1 : 1)
  );
  const byDeployment = new Map<string, number>();
  let total = 0;
  for (const { deployment, bytes } of segments) {
    byDeployment.set(deployment, (byDeployment.get(deployment) ?? 0) + bytes);
    total += bytes;
  }
  const dropped = new Set<SegmentInfo>();
  const drop = (segment: SegmentInfo): void => {
    dropped.add(segment);
    total -= segment.bytes;
    const { deployment, bytes } = segment;
    byDeployment.set(deployment, (byDeployment.get(deployment) ?? 0) - bytes);
  };
  for (const segment of [...oldestFirst].sort((a, b) => a.number - b.number)) {
    const own = byDeployment.get(segment.deployment) ?? 0;
    if (!segment.active && own > budget.deploymentBytes) drop(segment);
  }
  for (const segment of oldestFirst) {
    if (total <= budget.totalBytes) break;
    if (!segment.active && !dropped.has(segment)) drop(segment);
  }
  return [...dropped];
}
