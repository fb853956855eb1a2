/** Building a service's image on the node: a tar goes in, lines of NDJSON come out. */
import { z } from "zod";
import { Sha256 } from "../model/hash.ts";
import { BuiltImage } from "./release.ts";
import { Problem } from "./problem.ts";

/** What the image is called and bears, and what its steps have, beside its files. */
export const BuildSettings = z.strictObject({
  labels: z.record(z.string(), z.string()).exactOptional(),
  /** Further names of the image. */
  tags: z.array(z.string()).max(100).exactOptional(),
  /** Absent: the host's. */
  network: z.enum(["host", "none"]).exactOptional(),
  /** `name:address` */
  extraHosts: z.array(z.string()).exactOptional(),
  shmBytes: z.int().positive().exactOptional(),
  /** `name=soft:hard` */
  ulimits: z.array(z.string().regex(/^[a-z]+=-?\d+:-?\d+$/)).max(32).exactOptional(),
});
export type BuildSettings = z.infer<typeof BuildSettings>;

/** Query of POST …/builds/{service}; the body is the context as a tar. */
export const BuildQuery = z.strictObject({
  dockerfile: z.string().min(1).max(4096).exactOptional(),
  target: z.string().max(256).exactOptional(),
  noCache: z.enum(["true", "false"]).exactOptional(),
  pull: z.enum(["true", "false"]).exactOptional(),
  /** SHA-256 over all that goes in; the image is kept under it, so that the same need not be built again. */
  digest: Sha256.exactOptional(),
  /** Build arguments, a JSON record of strings. */
  args: z.string().max(16_384).exactOptional(),
  /** {@link BuildSettings} as JSON. */
  settings: z.string().max(16_384).exactOptional(),
});
export type BuildQuery = z.infer<typeof BuildQuery>;

/** One line of the answer; the last one is `done` or `error`. */
export const BuildEvent = z.discriminatedUnion("type", [
  z.object({ type: z.literal("progress"), line: z.string() }),
  z.object({ type: z.literal("done"), image: BuiltImage }),
  z.object({ type: z.literal("error"), problem: Problem }),
]);
export type BuildEvent = z.infer<typeof BuildEvent>;
