/** Runs of a job as a node tells of them: those under way and the last that ended. */
import { z } from "zod";
import { DeploymentId, ServiceId } from "./ids.ts";
import { Instant, Reason } from "./verdict.ts";

/** `missed`: by the clock, made up for later; `retry`: after a run that failed. */
export const RunTrigger = z.enum(["schedule", "missed", "person", "retry"]);
export type RunTrigger = z.infer<typeof RunTrigger>;

/**
 * `replaced`: the next one was due; `stopped`: by a person, or because its service went; `lost`: how
 * it ended nobody saw, such as in a power cut.
 */
export const RunResult = z.enum([
  "succeeded",
  "failed",
  "timed_out",
  "replaced",
  "stopped",
  "lost",
]);
export type RunResult = z.infer<typeof RunResult>;

export const RunReport = z.strictObject({
  /** Counts the runs of a service. */
  number: z.int().positive(),
  deployment: DeploymentId,
  /** The container's name. */
  container: z.string(),
  trigger: RunTrigger,
  /** The time of the schedule; null: it was not the clock. */
  scheduledFor: Instant.nullable(),
  begunAt: Instant,
  /** When its container started. */
  startedAt: Instant.nullable(),
  /** Null: it is under way. */
  endedAt: Instant.nullable(),
  result: RunResult.nullable(),
  exitCode: z.int().nullable(),
  /** Why it ended so, or what it waits for. */
  reason: Reason.nullable(),
});
export type RunReport = z.infer<typeof RunReport>;

/** Times of the schedule at which nothing was run, since the last run. */
export const SkippedRuns = z.strictObject({
  count: z.int().positive(),
  /** The last of them. */
  scheduledFor: Instant,
  reason: Reason,
});
export type SkippedRuns = z.infer<typeof SkippedRuns>;

export const JobReport = z.strictObject({
  service: ServiceId,
  /** A person keeps it from being run by the clock. */
  suspended: z.literal(true).exactOptional(),
  skipped: SkippedRuns.nullable(),
  /** Newest first. */
  runs: z.array(RunReport),
});
export type JobReport = z.infer<typeof JobReport>;
