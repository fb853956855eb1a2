/** What happened on a node, as people are told: one thing, at one time, in one plain sentence. */
import { z } from "zod";
import { DeploymentId } from "./ids.ts";
import { Instant } from "./verdict.ts";

/** In the order of a deployment's life, then of the node's. */
export const EVENT_KINDS = [
  "wanted",
  "pulling",
  "image_ready",
  "pull_failed",
  "created",
  "started",
  "healthy",
  "unhealthy",
  "exited",
  "killed_for_memory",
  "limits_differ",
  "process_limit",
  "process_killed",
  "restarting",
  "crash_loop",
  "recovered",
  "completed",
  "failed",
  "gave_up",
  "named",
  "unnamed",
  "route_published",
  "route_withdrawn",
  "retiring",
  "retired",
  "removed",
  "blocked",
  "unblocked",
  "skerry_started",
  "intent_received",
  "control_lost",
  "control_back",
  "collected",
  "run_begun",
  "run_ended",
  "run_skipped",
  "suspended",
  "resumed",
] as const;
export const EventKind = z.enum(EVENT_KINDS);
export type EventKind = z.infer<typeof EventKind>;

/** The thing that an event is about; null where it is about the node. */
export const EventSubject = z.strictObject({
  project: z.string(),
  /** null: a route or volume of the project whose service is not known. */
  service: z.string().nullable(),
  slot: z.int().positive().nullable(),
  deployment: DeploymentId.nullable(),
});
export type EventSubject = z.infer<typeof EventSubject>;

export const NodeEvent = z.strictObject({
  /** On the node's clock, which may have been set since. Events are in the order that they came. */
  at: Instant,
  kind: EventKind,
  subject: EventSubject.nullable(),
  message: z.string(),
});
export type NodeEvent = z.infer<typeof NodeEvent>;
