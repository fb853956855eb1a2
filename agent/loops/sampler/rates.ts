/** From two looks at counters to rates. Pure. */
import type { MetricValues } from "../../../shared/model/metrics.ts";
import type { Flows } from "./parse.ts";

/** One look at a container, or at the host. */
export interface Look {
  /** Another one means other counters: a container that was started anew. */
  readonly identity: string;
  /** Of a clock that never jumps, milliseconds. */
  readonly atMs: number;
  readonly cpuSeconds: number | null;
  readonly memoryBytes: number | null;
  /** null: it has no network of its own, or it cannot be read. */
  readonly network: Flows | null;
  readonly disk: Flows | null;
  readonly diskUsedBytes: number | null;
}

/** Looks nearer to each other than this tell no rate. */
const LEAST_MS = 500;

/** What a counter rose by; null: it was set back. */
function rise(before: number | null, after: number | null): number | null {
  return before === null || after === null || after < before ? null : after - before;
}

/**
 * What all devices that are in both looks rose by: one that is new comes with a past of its own, and
 * one that was set back is new. null: none is in both, though there are some.
 */
function riseOf(before: Flows | null, after: Flows | null, way: "in" | "out"): number | null {
  if (before === null || after === null) return null;
  if (after.size === 0) return 0;
  let sum: number | null = null;
  for (const [device, flow] of after) {
    const risen = rise(before.get(device)?.[way] ?? null, flow[way]);
    if (risen !== null) sum = (sum ?? 0) + risen;
  }
  return sum;
}

/** What stands in a look alone, and the rates since an earlier one; null: there is none. */
export function valuesOf(before: Look | null, after: Look): MetricValues {
  const elapsedMs = before === null || before.identity !== after.identity
    ? 0
    : after.atMs - before.atMs;
  const rate = (risen: number | null) =>
    elapsedMs < LEAST_MS || risen === null ? null : risen / (elapsedMs / 1000);
  return {
    cpu: rate(rise(before?.cpuSeconds ?? null, after.cpuSeconds)),
    memory: after.memoryBytes,
    network_rx: rate(riseOf(before?.network ?? null, after.network, "in")),
    network_tx: rate(riseOf(before?.network ?? null, after.network, "out")),
    disk_read: rate(riseOf(before?.disk ?? null, after.disk, "in")),
    disk_write: rate(riseOf(before?.disk ?? null, after.disk, "out")),
    disk_used: after.diskUsedBytes,
  };
}

/** All devices together; null: not known. */
export function totalOf(flows: Flows | null, way: "in" | "out"): number | null {
  return flows === null ? null : [...flows.values()].reduce((sum, flow) => sum + flow[way], 0);
}
