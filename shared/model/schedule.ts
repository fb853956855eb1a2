/** When and how a service that is no more than a job runs. */
import { z } from "zod";

/** At most so many runs of each outcome are remembered. */
export const MAX_HISTORY = 20;

/** What becomes of a run that is due while another goes on: `forbid` it, `replace` the other, `allow` both. */
export const Overlap = z.enum(["forbid", "replace", "allow"]);
export type Overlap = z.infer<typeof Overlap>;

/** Of the times that passed while nothing could be run the last one is made up for, or none. */
export const MissedRun = z.enum(["run_once", "skip"]);
export type MissedRun = z.infer<typeof MissedRun>;

/** Part of a service's spec: the service has no container between its runs. */
export const Schedule = z.strictObject({
  /** See shared/schedule/cron.ts. */
  cron: z.string().min(1).max(200),
  /** Absent: the node's own. */
  timeZone: z.string().exactOptional(),
  overlap: Overlap,
  missed: MissedRun,
  /** A missed run is made up for within this; absent: however late. */
  missedWithinMs: z.int().positive().exactOptional(),
  /** A run that takes longer is ended; absent: it takes as long as it takes. */
  timeoutMs: z.int().positive().exactOptional(),
  /** How often a failed run is tried again. */
  retries: z.int().nonnegative(),
  /** How many ended runs are remembered, with their logs. */
  history: z.strictObject({
    successful: z.int().min(0).max(MAX_HISTORY),
    failed: z.int().min(0).max(MAX_HISTORY),
  }),
  /** No run begins by the clock. */
  suspended: z.literal(true).exactOptional(),
});
export type Schedule = z.infer<typeof Schedule>;

/** As Kubernetes keeps them. */
export const DEFAULT_HISTORY: Schedule["history"] = { successful: 3, failed: 3 };
