/** What passes between the agent and its DNS Worker. */
import { z } from "zod";
import { DnsConfig } from "./config.ts";

export const ToWorker = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("configure"), id: z.int(), config: DnsConfig }),
  /** Tests only: end without a word, throw, or be deaf for some seconds. */
  z.strictObject({ kind: z.literal("fail"), how: z.enum(["die", "throw", "stall"]) }),
]);
export type ToWorker = z.infer<typeof ToWorker>;

/** A socket that could not be bound; `code` is the name of Deno's error. */
export const BindProblem = z.strictObject({
  address: z.string(),
  code: z.string(),
  message: z.string(),
});
export type BindProblem = z.infer<typeof BindProblem>;

export const Counters = z.strictObject({
  queries: z.int(),
  forwarded: z.int(),
  /** Questions refused because too many were being forwarded or served over TCP. */
  refused: z.int(),
  cacheEntries: z.int(),
});
export type Counters = z.infer<typeof Counters>;

export const FromWorker = z.discriminatedUnion("kind", [
  /** Every second. */
  z.strictObject({
    kind: z.literal("alive"),
    problems: z.array(BindProblem),
    counters: Counters,
  }),
  z.strictObject({
    kind: z.literal("configured"),
    id: z.int(),
    problems: z.array(BindProblem),
  }),
  z.strictObject({ kind: z.literal("rejected"), message: z.string() }),
]);
export type FromWorker = z.infer<typeof FromWorker>;
