/** Services on the node's own network: what reaches them, and where. Pure. */
import type { ContainersSection, Deployment } from "../../shared/model/sections.ts";
import type { Desired } from "./world.ts";

/**
 * The networks whose containers know a project's services on the host: the project's own. One that
 * it shares with others is theirs too, and they were not asked.
 */
export function networksOfProject(
  desired: Pick<Desired, "firewall">,
  { project, projectName }: Pick<ContainersSection, "project" | "projectName">,
): string[] {
  const section = desired.firewall.find((each) => each.project === project);
  return (section?.networks ?? []).map((each) => each.network)
    .filter((network) => network.startsWith(`${projectName}/`)).sort();
}

/** One whose container has the host's own network, and is not to go. */
export function isOnHost(deployment: Deployment): boolean {
  return deployment.spec.hostNetwork === true && deployment.want !== "absent";
}
