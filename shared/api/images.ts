/** Images on the node: what is there and for whom, fetching, carrying out and in, and clearing away. */
import { z } from "zod";
import { Instant } from "../model/verdict.ts";
import { Problem } from "./problem.ts";
import { listOf } from "./page.ts";

export const ImageView = z.object({
  id: z.string(),
  references: z.array(z.string()),
  sizeBytes: z.number(),
  createdAt: Instant,
  /** `project/service` of what runs, or is to run, from it. */
  usedBy: z.array(z.string()),
  /** Why pruning leaves it; null: nothing needs it. */
  keptFor: z.enum(["running", "container", "previous"]).nullable(),
});
export type ImageView = z.infer<typeof ImageView>;

export const ImageList = listOf(ImageView);

/** One line of the answer to a pull; the last one is `done` or `error`. */
export const PullEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), line: z.string() }),
  z.object({ type: z.literal("done"), id: z.string().nullable() }),
  z.object({ type: z.literal("error"), problem: Problem }),
]);
export type PullEvent = z.infer<typeof PullEvent>;

/** One line of the answer to a push; the last one is `done` or `error`. */
export const PushEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), line: z.string() }),
  z.object({
    type: z.literal("done"),
    /** In full. */
    reference: z.string(),
    /** As the registry tells it; null: it did not. */
    digest: z.string().nullable(),
    id: z.string(),
  }),
  z.object({ type: z.literal("error"), problem: Problem }),
]);
export type PushEvent = z.infer<typeof PushEvent>;

/** An image that a release is pinned to, as it lies in the node's store. */
export const VerifiedImage = z.object({
  reference: z.string(),
  /** What it is pinned to; null: its name alone is known. */
  digest: z.string().nullable(),
  /** The pinned id, else that of the image found; null: neither is known. */
  id: z.string().nullable(),
  /** `project/service` */
  neededBy: z.array(z.string()),
  /** `previous`: for what a person goes back to. */
  neededFor: z.enum(["running", "previous"]),
  /** `unchecked`: it is there, and cannot be compared. */
  state: z.enum(["whole", "absent", "damaged", "unchecked"]),
  problems: z.array(z.string()),
  remedy: z.string().nullable(),
  /** Read from the disk for it. */
  readBytes: z.number(),
});
export type VerifiedImage = z.infer<typeof VerifiedImage>;

/** One line of the answer to a verification; the last one is `done` or `error`. */
export const VerifyEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), line: z.string() }),
  z.object({ type: z.literal("done"), items: z.array(VerifiedImage) }),
  z.object({ type: z.literal("error"), problem: Problem }),
]);
export type VerifyEvent = z.infer<typeof VerifyEvent>;

/** What pruning removed, or would remove. `stayed`: it could not be, and why. */
export const PruneAnswer = z.object({
  removed: z.array(z.object({ id: z.string(), references: z.array(z.string()) })),
  stayed: z.array(z.object({ id: z.string(), why: z.string() })),
  freedBytes: z.number(),
});
export type PruneAnswer = z.infer<typeof PruneAnswer>;

export const LoadAnswer = z.object({ references: z.array(z.string()) });

/**
 * Image references in a query, separated by commas, which none of them can hold. With each byte
 * escaped it is still shorter than the address that Deno's HTTP server takes (65,534).
 */
export const ReferenceList = z.string().min(1).max(16_384);
