/** Releases made of earlier ones: single values changed, or gone back to as they were. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { Editable, EditRequest } from "../../shared/api/edits.ts";
import { ComposePart } from "../../shared/api/release.ts";
import type { ComposeModel } from "../../shared/compose/model.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { ProjectName } from "../../shared/model/service_spec.ts";
import { decryptAtRest } from "../../shared/sealing/seal.ts";
import type { Context } from "../context.ts";
import { editableServices, withEdits } from "../decide/edits.ts";
import { Refused } from "../decide/fault.ts";
import type { AskedRelease } from "../decide/restart.ts";
import { plan, release } from "../decide/service.ts";
import type { ReleaseRow } from "../store/projects.ts";
import { idempotencyKey } from "./idempotency.ts";
import { answerJson, readJson, route } from "./route.ts";

const NO_RELEASE = "`skerry get releases` lists a project's releases.";

/** The release of the project that is meant: the newest, or one by its id. */
function releaseOf(
  { store }: Context,
  name: ProjectName,
  from: EditRequest["from"],
): ReleaseRow {
  const project = store.projects.byName(name);
  const row = project === null
    ? null
    : from === undefined
    ? store.projects.newestRelease(project.id)
    : store.projects.release(from);
  // One of another project is told like one that is not there.
  if (project !== null && row !== null && row.projectId === project.id) return row;
  const what = from === undefined ? `no project "${name}"` : `no release "${from}" of "${name}"`;
  throw new SkerryError("not_found", `there is ${what}`, NO_RELEASE);
}

function partOf({ store, keys }: Context, { id, composePart }: ReleaseRow): ComposePart {
  const stored = composePart === null ? null : store.projects.part(composePart);
  if (stored === null) {
    throw new SkerryError(
      "nothing_released",
      `release "${id}" runs nothing: ${
        composePart === null ? "it deleted the project" : "what it held was let go of"
      }`,
      "Name a release that ran something, or run `skerry apply`.",
    );
  }
  const text = new TextDecoder().decode(decryptAtRest(keys.master, stored));
  return ComposePart.parse(JSON.parse(text));
}

/**
 * Throws {@link Refused} where the reader of compose files would not take the model: an edit passes
 * the same checks as a file.
 */
async function checkModel(model: ComposeModel): Promise<void> {
  // Loaded when it is needed: a control plane at rest does without it.
  const { readCompose, renderConfig } = await import("../../shared/compose/mod.ts");
  const read = readCompose({
    files: [{ path: `/${model.name}/compose.yaml`, text: renderConfig(model, "yaml") }],
    projectDirectory: `/${model.name}`,
    environment: {},
    projectName: model.name,
    profiles: ["*"],
    readFile: () => ({ kind: "missing" }),
  });
  if (read.kind === "ok") return;
  throw new Refused(
    422,
    read.problems.map(({ code, message, remedy }) => ({ code, detail: message, remedy })),
  );
}

/** The release that is asked for. With no edits it is that earlier one, unchanged. */
async function edited(
  context: Context,
  name: ProjectName,
  request: EditRequest,
): Promise<AskedRelease> {
  const part = partOf(context, releaseOf(context, name, request.from));
  const compose = withEdits(part, request.edits);
  if (request.edits.some(({ kind }) => kind !== "restart")) await checkModel(compose.model);
  const restart = request.edits.flatMap((edit) => edit.kind === "restart" ? [edit.service] : []);
  return {
    parts: { compose },
    ...(restart.length === 0 ? {} : { restart }),
    ...(request.parent === undefined ? {} : { parent: request.parent }),
  };
}

export const editRoutes = {
  editable: route(ENDPOINTS.editable, async (context, { params }) => {
    const newest = releaseOf(context, params.name, undefined);
    const services = editableServices(partOf(context, newest));
    const answer: Editable = { project: params.name, release: newest.id, services };
    return answerJson(ENDPOINTS.editable, answer);
  }),
  planEdit: route(ENDPOINTS.planEdit, async (context, { params, request, caller }) => {
    const body = await readJson(request, ENDPOINTS.planEdit.body);
    const asked = await edited(context, params.name, body);
    return answerJson(ENDPOINTS.planEdit, await plan(context, params.name, asked, caller));
  }),
  edit: route(ENDPOINTS.edit, async (context, { params, request, caller }) => {
    const key = idempotencyKey(request, caller);
    const body = await readJson(request, ENDPOINTS.edit.body);
    const asked = await edited(context, params.name, body);
    const accepted = await release(context, params.name, asked, caller, key);
    return answerJson(ENDPOINTS.edit, accepted, { location: `/api/v1/releases/${accepted.id}` });
  }),
};
