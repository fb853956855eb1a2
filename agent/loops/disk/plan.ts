/**
 * What is collected, in which order, and why. Pure.
 *
 *     images without a name ─► images that nothing needs, the longest unused first
 *         ─► only over the budget, or where the disk is at its end:
 *            logs of what is gone ─► logs of what runs ─► events, the oldest first
 *
 * What is needed stays, whatever the disk is like: then something is short, and people are told.
 */
import {
  type DiskLimits,
  isNearlyFull,
  reserveBytes,
  type Space,
  usedPercent,
} from "../../../shared/model/disk.ts";
import type { Instant } from "../../../shared/model/verdict.ts";

export interface HeldImage {
  readonly id: string;
  /** Sorted. */
  readonly names: readonly string[];
  readonly bytes: number;
  /** Why it stays; null: nothing needs it. */
  readonly keptFor: string | null;
  readonly unusedSince: Instant;
}

export interface HeldLog {
  readonly deployment: string;
  readonly number: number;
  readonly bytes: number;
  readonly changedAt: Instant;
  /** It is being written to. */
  readonly active: boolean;
  /** Its deployment is no more. */
  readonly past: boolean;
}

export interface HeldEvents {
  readonly number: number;
  readonly bytes: number;
  readonly active: boolean;
}

export interface Holdings {
  readonly space: Space;
  /** Of the whole store; layers that several images share count once. */
  readonly imageBytes: number;
  readonly images: readonly HeldImage[];
  readonly logs: readonly HeldLog[];
  readonly events: readonly HeldEvents[];
  /** Files of projects, which are collected by whoever knows the releases. */
  readonly fileBytes: number;
  /** They have a budget of their own. */
  readonly metricBytes: number;
}

export type CollectStep =
  | {
    readonly kind: "image";
    readonly id: string;
    readonly names: readonly string[];
    readonly bytes: number;
    readonly why: string;
  }
  | {
    readonly kind: "log";
    readonly deployment: string;
    readonly number: number;
    readonly bytes: number;
    readonly why: string;
  }
  | {
    readonly kind: "events";
    readonly number: number;
    readonly bytes: number;
    readonly why: string;
  };

export interface CollectPlan {
  /** Why there is anything to do; null: there is not. */
  readonly cause: "disk" | "budget" | "full" | null;
  readonly steps: readonly CollectStep[];
  /** What the steps do not give of what is to be freed. */
  readonly shortBytes: number;
}

/** Logs are not cut below this part of the budget: images alone must not take it all. */
const LEAST_LOGS = 1 / 8;

interface Goals {
  readonly cause: CollectPlan["cause"];
  readonly images: number;
  /** Of all that is to be freed, what logs and events may be taken for. */
  readonly logs: number;
}

/** How much is to be freed, and of what. */
export function goalsOf(
  held: Pick<Holdings, "space" | "imageBytes" | "fileBytes" | "metricBytes"> & {
    readonly logs: readonly { readonly bytes: number }[];
    readonly events: readonly { readonly bytes: number }[];
  },
  limits: DiskLimits,
): Goals {
  const { space } = held;
  const { usedBytes, freeBytes } = space;
  const full = isNearlyFull(space);
  const filling = usedPercent(space) >= limits.highPercent;
  const disk = filling || full
    ? Math.max(usedBytes - (usedBytes + freeBytes) * (limits.lowPercent / 100), 1)
    : 0;
  const atEnd = full ? Math.max(2 * reserveBytes(space) - freeBytes, 0) : 0;
  const ours = held.imageBytes + held.fileBytes + held.metricBytes + sum(held.logs) +
    sum(held.events);
  const { budgetBytes } = limits;
  const budget = budgetBytes !== null && ours > budgetBytes
    ? ours - budgetBytes * (limits.lowPercent / limits.highPercent)
    : 0;
  const cause = full ? "full" : disk > 0 ? "disk" : budget > 0 ? "budget" : null;
  return {
    cause,
    images: Math.ceil(Math.max(disk, atEnd, budget)),
    logs: Math.ceil(Math.max(atEnd, budget)),
  };
}

export function planCollection(held: Holdings, limits: DiskLimits): CollectPlan {
  const goals = goalsOf(held, limits);
  if (goals.cause === null) return { cause: null, steps: [], shortBytes: 0 };
  const steps: CollectStep[] = [];
  let freed = 0;
  for (const { id, names, bytes } of removableImages(held.images)) {
    if (freed >= goals.images) break;
    const why = names.length === 0 ? "it has no name and nothing needs it" : "nothing needs it";
    steps.push({ kind: "image", id, names, bytes, why });
    freed += bytes;
  }
  const logBytes = sum(held.logs);
  const least = goals.cause === "budget" ? (limits.budgetBytes ?? 0) * LEAST_LOGS : 0;
  let cut = 0;
  for (const { deployment, number, bytes, past } of removableLogs(held.logs)) {
    if (freed >= goals.logs || logBytes - cut - bytes < least) break;
    const why = past ? "the oldest of what is gone" : "the oldest of what runs";
    steps.push({ kind: "log", deployment, number, bytes, why });
    freed += bytes;
    cut += bytes;
  }
  for (const { number, bytes } of held.events.filter((each) => !each.active).sort(byNumber)) {
    if (freed >= goals.logs) break;
    steps.push({ kind: "events", number, bytes, why: "the oldest" });
    freed += bytes;
  }
  return { cause: goals.cause, steps, shortBytes: Math.max(0, goals.images - freed) };
}

function removableImages(images: readonly HeldImage[]): HeldImage[] {
  return images.filter((each) => each.keptFor === null).sort((a, b) =>
    Number(a.names.length > 0) - Number(b.names.length > 0) ||
    a.unusedSince - b.unusedSince || (a.id < b.id ? -1 : 1)
  );
}

function removableLogs(logs: readonly HeldLog[]): HeldLog[] {
  return logs.filter((each) => !each.active).sort((a, b) =>
    Number(b.past) - Number(a.past) || a.changedAt - b.changedAt || a.number - b.number ||
    (a.deployment < b.deployment ? -1 : 1)
  );
}

function byNumber(a: { readonly number: number }, b: { readonly number: number }): number {
  return a.number - b.number;
}

function sum(items: readonly { readonly bytes: number }[]): number {
  return items.reduce((total, { bytes }) => total + bytes, 0);
}
