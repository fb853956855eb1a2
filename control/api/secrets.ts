/** Secrets by name: set, list, remove. Values go in and never come out. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { SecretView } from "../../shared/api/views.ts";
import { SkerryError } from "../../shared/errors.ts";
import { ProjectId, SecretVersionId } from "../../shared/model/ids.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { encryptAtRest } from "../../shared/sealing/seal.ts";
import { checkUnchanged } from "../conditional.ts";
import { type Context, newId } from "../context.ts";
import type { SecretRow } from "../store/secrets.ts";
import { answerJson, answerNothing, readBytes, route } from "./route.ts";

/** A secret among all: two projects may each have one of a name. */
function keyOf({ projectId, name }: Pick<SecretRow, "projectId" | "name">): string {
  return `${projectId ?? ""}/${name}`;
}

/** The projects that use each secret, in any version of it. */
function usersOf({ store }: Context): ReadonlyMap<string, ReadonlySet<string>> {
  const projects = new Map(store.projects.list().map((each) => [each.id, each.name]));
  const users = new Map<string, Set<string>>();
  const seen = new Set<string>();
  for (const { want, revisionId, projectId } of store.deployments.live()) {
    if (want === "absent" || seen.has(revisionId)) continue;
    seen.add(revisionId);
    const project = projects.get(projectId);
    if (project === undefined) continue;
    for (const used of store.services.revision(revisionId)?.spec.secrets ?? []) {
      const version = store.secrets.get(used.version);
      if (version === null) continue;
      const known = users.get(keyOf(version)) ?? new Set();
      users.set(keyOf(version), known.add(project));
    }
  }
  return users;
}

/** Each version has an id of its own. */
const etagOf = ({ id }: Pick<SecretRow, "id">) => `"${id}"`;

function viewOf(
  secret: SecretRow,
  project: string | null,
  users: ReadonlyMap<string, ReadonlySet<string>>,
): SecretView {
  return {
    project,
    name: secret.name,
    version: secret.id,
    versions: secret.number,
    changedAt: secret.createdAt,
    usedBy: [...users.get(keyOf(secret)) ?? []].sort(),
    etag: etagOf(secret),
  };
}

/** Names of secrets, never their values. */
export function secretViews(context: Context, project?: string): SecretView[] {
  const { store } = context;
  const projects = new Map(store.projects.list().map((each) => [each.id, each.name]));
  const users = usersOf(context);
  return store.secrets.newest().flatMap((secret): SecretView[] => {
    const owner = secret.projectId === null ? null : projects.get(secret.projectId) ?? null;
    if (project !== undefined && owner !== null && owner !== project) return [];
    return [viewOf(secret, owner, users)];
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

/** Of one that there is. */
function oneView(
  context: Context,
  projectId: ProjectId | null,
  project: string | null,
  name: string,
): SecretView {
  const secret = context.store.secrets.newestOf(projectId, name);
  if (secret !== null) return viewOf(secret, project, usersOf(context));
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
      const before = store.secrets.newestOf(projectId, params.secret);
      const etag = before === null ? null : etagOf(before);
      checkUnchanged(request, etag, `the secret "${params.secret}"`);
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
      return oneView(context, projectId, query.project ?? null, params.secret);
    });
    return answerJson(ENDPOINTS.putSecret, view, { etag: view.etag });
  }),
  deleteSecret: route(ENDPOINTS.deleteSecret, async (context, { params, query, by }) => {
    const { store, clock } = context;
    store.transaction(() => {
      const projectId = ownerOf(context, query.project);
      const view = oneView(context, projectId, query.project ?? null, params.secret);
      if (view.usedBy.length > 0) {
        throw new SkerryError(
          "secret_in_use",
          `the secret "${params.secret}" is used by ${view.usedBy.join(", ")}`,
          "Take it out of the compose file and apply, then remove it.",
        );
      }
      store.secrets.remove(projectId, params.secret);
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
