/** The client's calls that edit what is released. */
import { EDIT_ENDPOINTS } from "./edit_endpoints.ts";
import type { Editable, EditRequest } from "./edits.ts";
import type { ApiCalls } from "./calls.ts";
import { repeatable } from "./sent.ts";
import type { PlanAnswer, ReleaseAccepted } from "./release.ts";
import type { z } from "zod";

export interface EditApi {
  editable(project: string): Promise<Editable>;
  planEdit(project: string, request: EditRequest): Promise<z.infer<typeof PlanAnswer>>;
  /** @param idempotencyKey a repeat with the same key answers as the first did */
  edit(
    project: string,
    request: EditRequest,
    idempotencyKey?: string,
  ): Promise<z.infer<typeof ReleaseAccepted>>;
}

export function editApi({ json }: ApiCalls): EditApi {
  const { editable, planEdit, edit } = EDIT_ENDPOINTS;
  const sent = (name: string, request: EditRequest) => ({
    params: { name },
    body: JSON.stringify(request),
    contentType: "application/json",
  });
  return {
    editable: (name) => json(editable, { params: { name } }),
    planEdit: (name, request) => json(planEdit, sent(name, request)),
    edit: (name, request, key) =>
      json(edit, {
        ...sent(name, request),
        headers: repeatable(key),
      }),
  };
}
