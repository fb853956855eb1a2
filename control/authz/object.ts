/** What an operation is about: looked up from its path and query. */
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { DeploymentId, ReleaseId } from "../../shared/model/ids.ts";
import type { ProjectId } from "../../shared/model/ids.ts";
import type { Context } from "../context.ts";
import type { AuthzObject } from "./may.ts";

/** Null: there is no such thing, or nobody's any more. */
export function objectOf(
  { store }: Pick<Context, "store">,
  described: Pick<Endpoint, "object">,
  params: Readonly<Record<string, string>>,
  /** The very values that the handler gets: of a repeated name there is one alone. */
  query: Readonly<Record<string, string>>,
): AuthzObject | null {
  const ofProject = (id: ProjectId | undefined): AuthzObject | null => {
    const project = id === undefined ? null : store.projects.get(id);
    return project === null ? null : { kind: "project", name: project.name };
  };
  switch (described.object) {
    case "project":
      return { kind: "project", name: params["name"] ?? "" };
    case "project_or_global": {
      const name = query["project"];
      return name === undefined ? { kind: "global" } : { kind: "project", name };
    }
    case "release": {
      const id = ReleaseId.safeParse(params["id"]);
      return ofProject(id.success ? store.projects.release(id.data)?.projectId : undefined);
    }
    case "deployment": {
      const id = DeploymentId.safeParse(params["deployment"]);
      return ofProject(id.success ? store.deployments.get(id.data)?.projectId : undefined);
    }
    case "network": {
      const rows = store.services.networks().filter(({ key }) => key === params["network"]);
      const names = rows.flatMap(({ projectId }) => store.projects.get(projectId)?.name ?? []);
      return names.length === 0 ? null : { kind: "projects", names };
    }
    case "filtered":
    case "node":
      return { kind: "any" };
    case "global":
      return { kind: "global" };
    case "self":
      return { kind: "self" };
    case "none":
      return { kind: "none" };
  }
}
