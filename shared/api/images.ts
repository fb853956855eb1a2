/** Images on the node: what is there and for whom, fetching, carrying out and in, and clearing away. */
import { z } from "zod";
import { Instant } from "../model/verdict.ts";
import { Problem } from "./problem.ts";

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

export const ImageList = z.object({ items: z.array(ImageView) });

/** One line of the answer to a pull; the last one is `done` or `error`. */
export const PullEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), line: z.string() }),
  z.object({ type: z.literal("done"), id: z.string().nullable() }),
  z.object({ type: z.literal("error"), problem: Problem }),
]);
export type PullEvent = z.infer<typeof PullEvent>;

/** What pruning removed, or would remove. `stayed`: it could not be, and why. */
export const PruneAnswer = z.object({
  removed: z.array(z.object({ id: z.string(), references: z.array(z.string()) })),
  stayed: z.array(z.object({ id: z.string(), why: z.string() })),
  freedBytes: z.number(),
});
export type PruneAnswer = z.infer<typeof PruneAnswer>;

export const LoadAnswer = z.object({ references: z.array(z.string()) });

/** Image references in a query, separated by commas, which none of them can hold. */
export const ReferenceList = z.string().min(1).max(65_536);
