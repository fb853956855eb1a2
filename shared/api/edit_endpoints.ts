/** Operations that edit what is released; a part of ENDPOINTS. */
import { z } from "zod";
import { ProjectName } from "../model/service_spec.ts";
import { Editable, EditRequest } from "./edits.ts";
import { endpoint } from "./endpoint.ts";
import { LIMITS } from "./limits.ts";
import { PlanAnswer, ReleaseAccepted } from "./release.ts";

const none = z.object({});
const ofProject = z.object({ name: ProjectName });

export const EDIT_ENDPOINTS = {
  editable: endpoint({
    method: "GET",
    path: "/api/v1/projects/{name}/edits",
    scope: "read",
    object: "project",
    summary: "Which values of a project's newest release can be edited",
    params: ofProject,
    query: none,
    body: null,
    answer: { status: 200, json: Editable },
  }),
  planEdit: endpoint({
    method: "POST",
    path: "/api/v1/projects/{name}/edits/plan",
    scope: "apply",
    object: "project",
    summary: "What a release of an earlier one with these edits would change; nothing is done",
    params: ofProject,
    query: none,
    body: { json: EditRequest, limitBytes: LIMITS.jsonBytes },
    answer: { status: 200, json: PlanAnswer },
  }),
  edit: endpoint({
    method: "POST",
    path: "/api/v1/projects/{name}/edits",
    scope: "apply",
    object: "project",
    summary: "Releases an earlier release again, with these edits; without any, goes back to it",
    params: ofProject,
    query: none,
    body: { json: EditRequest, limitBytes: LIMITS.jsonBytes },
    answer: { status: 202, json: ReleaseAccepted },
    idempotent: "handler",
  }),
} as const;
