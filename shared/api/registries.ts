/** Image registries as people see and set them; passwords go in and never come out. */
import { z } from "zod";
import { MAX_MIRRORS, MirrorLocation } from "../model/registry.ts";
import { Instant } from "../model/verdict.ts";
import { listOf } from "./page.ts";

/** How a registry is reached. */
export const RegistrySetting = z.strictObject({
  /** It may speak plain http. */
  plainHttp: z.boolean(),
  /** `host[:port][/path]`, asked in this order before the registry itself. */
  mirrors: z.array(MirrorLocation).max(MAX_MIRRORS),
});
export type RegistrySetting = z.infer<typeof RegistrySetting>;

export const RegistryView = z.object({
  host: z.string(),
  plainHttp: z.boolean(),
  mirrors: z.array(z.string()),
  /** Null: the node is nobody there. */
  username: z.string().nullable(),
  changedAt: Instant,
  /** For If-Match, where it is to be changed only if nobody else changed it. */
  etag: z.string(),
});
export type RegistryView = z.infer<typeof RegistryView>;

export const RegistryList = listOf(RegistryView);

export const LoginAnswer = z.object({
  registry: RegistryView,
  /** What the registry said of it; `unchecked`: it was not asked. */
  check: z.enum(["accepted", "not_asked", "unchecked"]),
  /** The node has it already; else it gets it once it is connected. */
  onNode: z.boolean(),
});
export type LoginAnswer = z.infer<typeof LoginAnswer>;
