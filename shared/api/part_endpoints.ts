/** What a release was made of, so that another can be made from it. */
import { z } from "zod";
import { ReleaseId } from "../model/ids.ts";
import { endpoint } from "./endpoint.ts";
import { ComposePart } from "./release.ts";

/** A release's own parts, in the field names that they were sent in. */
export const PartsAnswer = z.object({
  id: ReleaseId,
  project: z.string(),
  /** Null: it deleted the project. */
  compose: ComposePart.nullable(),
});
export type PartsAnswer = z.infer<typeof PartsAnswer>;

/** A part of the one table. */
export const PART_ENDPOINTS = {
  releaseParts: endpoint({
    method: "GET",
    path: "/api/v1/releases/{id}/parts",
    scope: "apply",
    summary: "What a release was made of, with its variables' values; secrets are never in it",
    params: z.object({ id: ReleaseId }),
    query: z.object({}),
    body: null,
    answer: { status: 200, json: PartsAnswer },
  }),
} as const;
