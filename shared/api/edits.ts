/** Changes of single values of what is released, without the project's files. */
import { z } from "zod";
import { ReleaseId } from "../model/ids.ts";
import { ServiceName } from "../model/service_spec.ts";

const service = ServiceName;

/** Of the name of an image. */
export const IMAGE_CHARACTERS = 512;
export const CRON_CHARACTERS = 200;
/** Of one service. */
export const MAX_REPLICAS = 250;

/** One value that is to be another one. */
export const Edit = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("image"),
    service,
    image: z.string().min(1).max(IMAGE_CHARACTERS),
  }),
  z.strictObject({
    kind: z.literal("replicas"),
    service,
    replicas: z.int().min(0).max(MAX_REPLICAS),
  }),
  z.strictObject({
    kind: z.literal("variable"),
    service,
    name: z.string().min(1).max(512).regex(/^[^=\0]+$/, "a variable's name has no ="),
    /** null: it is taken away. */
    value: z.string().max(131_072).nullable(),
  }),
  z.strictObject({
    kind: z.literal("schedule"),
    service,
    cron: z.string().min(1).max(CRON_CHARACTERS),
  }),
  /** No value: each of its containers gives way to a new one of the same, one after the other. */
  z.strictObject({ kind: z.literal("restart"), service }),
]);
export type Edit = z.infer<typeof Edit>;

/**
 * A release made of an earlier one, with these edits. With none it goes back to that one. Variables
 * and files are as they were then; a secret has the value that it has now.
 */
export const EditRequest = z.strictObject({
  /** The release to begin from; absent: the newest. */
  from: ReleaseId.exactOptional(),
  /** As of a release: the newest one as the asker knows it; another one is 409 `stale_parent`. */
  parent: ReleaseId.exactOptional(),
  edits: z.array(Edit).max(100),
});
export type EditRequest = z.infer<typeof EditRequest>;

/** What of a service can be edited, as it is. Values of variables are not told. */
export const EditableService = z.object({
  service,
  /** null: it is built from sources, and cannot be another one by an edit. */
  image: z.string().nullable(),
  replicas: z.int().nonnegative(),
  /** Names, sorted. */
  variables: z.array(z.string()),
  /** null: it does not run by the clock. */
  cron: z.string().nullable(),
});
export type EditableService = z.infer<typeof EditableService>;

export const Editable = z.object({
  project: z.string(),
  /** To be handed in as `parent`. */
  release: ReleaseId,
  services: z.array(EditableService),
});
export type Editable = z.infer<typeof Editable>;
