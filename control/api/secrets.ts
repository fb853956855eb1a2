/** Secrets by name: set, list, remove. Values go in and never come out. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { SecretView } from "../../shared/api/views.ts";
import { SkerryError } from "../../shared/errors.ts";
import { ProjectId, SecretVersionId } from "../../shared/model/ids.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { encryptAtRest } from "../../shared/sealing/seal.ts";
import { type Context, newId } from "../context.ts";
import { answerJson, answerNothing, readBytes, route } from "./route.ts";
import { shownDeployments } from "./views.ts";

/** Names of secrets, never their values. */
export function secretViews(context: Context, project?: string): SecretView[] {
  const { store } = context;
  const projects = new Map(store.projects.list().map((each) => [each.id, each.name]));
  const shown = shownDeployments(context).filter((each) => each.row.want !== "absent");
  return store.secrets.newest().flatMap((secret): SecretView[] => {
    const owner = secret.projectId === null ? null : projects.get(secret.projectId) ?? null;
    if (project !== undefined && owner !== null && owner !== project) return [];
    const usedBy = shown.filter((each) =>
      each.revision.spec.secrets.some((used) => {
        const version = store.secrets.get(used.version);
        return version?.name === secret.name && version.projectId === secret.projectId;
      })
    ).map((each) => String(each.project.name));
    return [{
      project: owner,
      name: secret.name,
      version: secret.id,
      versions: secret.number,
      changedAt: secret.createdAt,
      usedBy: [...new Set(usedBy)].sort(),
    }];
  });
}

function ownerOf(context: Context, project: string | undefined): ProjectId | null {
  if (project === undefined) return null;
  const found = context.store.projects.byName(project);
  if (found !== null) return found.id;
  throw new SkerryError(
    "not_found",
    `there is no project "${project}"`,
    "Leave the project away: the secret then holds for every project.",
  );
}

/** A project's secrets may be set before its first release: the name is taken for it then. */
function ownerForSetting(context: Context, project: string | undefined): ProjectId | null {
  if (project === undefined) return null;
  const found = context.store.projects.byName(project);
  if (found !== null) return found.id;
  const made = {
    id: ProjectId.parse(newId(context, "prj")),
    name: ProjectName.parse(project),
    createdAt: context.clock.now(),
  };
  context.store.projects.add(made);
  return made.id;
}

function viewOf(context: Context, project: string | undefined, name: string): SecretView {
  const owner = project ?? null;
  const view = secretViews(context).find((each) => each.name === name && each.project === owner);
  if (view !== undefined) return view;
  throw new SkerryError(
    "not_found",
    `there is no secret "${name}"`,
    "`skerry secret list` lists those that there are.",
  );
}

export const secretRoutes = {
  putSecret: route(ENDPOINTS.putSecret, async (context, { params, query, request, by }) => {
    const value = await readBytes(request, ENDPOINTS.putSecret.body.limitBytes);
    const { store, keys, random, clock } = context;
    const view = store.transaction(() => {
      const projectId = ownerForSetting(context, query.project);
      const before = store.secrets.newest().find((each) =>
        each.projectId === projectId && each.name === params.secret
      );
      const number = (before?.number ?? 0) + 1;
      store.secrets.add({
        id: SecretVersionId.parse(newId(context, "sec")),
        projectId,
        name: params.secret,
        number,
        value: encryptAtRest(keys.master, value, random),
        createdAt: clock.now(),
      });
      store.changes.add({
        at: clock.now(),
        who: by,
        action: "secret.set",
        project: query.project ?? null,
        subject: params.secret,
        summary: `version ${number}; services get it with their next release`,
      });
      return viewOf(context, query.project, params.secret);
    });
    return answerJson(ENDPOINTS.putSecret, view);
  }),
  deleteSecret: route(ENDPOINTS.deleteSecret, async (context, { params, query, by }) => {
    const { store, clock } = context;
    store.transaction(() => {
      const view = viewOf(context, query.project, params.secret);
      if (view.usedBy.length > 0) {
        throw new SkerryError(
          "secret_in_use",
          `the secret "${params.secret}" is used by ${view.usedBy.join(", ")}`,
          "Take it out of the compose file and apply, then remove it.",
        );
      }
      store.secrets.remove(ownerOf(context, query.project), params.secret);
      store.changes.add({
        at: clock.now(),
        who: by,
        action: "secret.remove",
        project: query.project ?? null,
        subject: params.secret,
        summary: "removed with all its versions",
      });
    });
    return answerNothing();
  }),
};
