/** Operations on images that take their time and tell how far they are; a part of ENDPOINTS. */
import { z } from "zod";
import { ProjectName } from "../model/service_spec.ts";
import { endpoint } from "./endpoint.ts";
import { PullEvent, PushEvent, VerifyEvent } from "./images.ts";

const none = z.object({});
const Reference = z.string().min(1).max(512);

export const IMAGE_SESSIONS = {
  pullImage: endpoint({
    method: "POST",
    path: "/api/v1/images/pull",
    scope: "images",
    object: "global",
    summary: "Fetches an image from its registry to the node",
    params: none,
    query: z.object({ reference: Reference }),
    body: null,
    answer: { raw: "ndjson", event: PullEvent },
  }),
  pushImage: endpoint({
    method: "POST",
    path: "/api/v1/images/push",
    scope: "images",
    object: "global",
    summary: "Sends an image of the node to its registry, or to the one that is named",
    params: none,
    query: z.object({
      image: Reference,
      /** `registry/name[:tag]`; absent: the image's own name. */
      destination: Reference.exactOptional(),
    }),
    body: null,
    answer: { raw: "ndjson", event: PushEvent },
  }),
  verifyImages: endpoint({
    method: "GET",
    path: "/api/v1/images/verification",
    scope: "read",
    object: "project_or_global",
    summary: "Reads every image that a release needs from the disk and compares it with its pin",
    params: none,
    query: z.object({ project: ProjectName.exactOptional() }),
    body: null,
    answer: { raw: "ndjson", event: VerifyEvent },
  }),
} as const;
