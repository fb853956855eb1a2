/** Names of what there is, for the shell: fast, silent, and none where nobody answers in time. */
import type { ApiClient } from "../../shared/api/client.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";

/** What can be completed by a name. */
export const NAMED = [
  "project",
  "service",
  "job",
  "container",
  "node",
  "volume",
  "route",
  "network",
  "release",
  "secret",
  "image",
  "registry",
  "account",
  "context",
] as const;
export type Named = (typeof NAMED)[number];

/** Which names may follow each command, beside its options. */
export const COMPLETES: Readonly<Record<string, Named>> = {
  "describe service": "service",
  "describe job": "job",
  "describe container": "container",
  "describe node": "node",
  "describe volume": "volume",
  "describe route": "route",
  "describe network": "network",
  "describe project": "project",
  "describe release": "release",
  logs: "service",
  events: "service",
  exec: "service",
  run: "service",
  set: "service",
  scale: "service",
  "job run": "job",
  "job suspend": "job",
  "job resume": "job",
  "job stop": "job",
  "secret set": "secret",
  "secret rm": "secret",
  "volume rm": "volume",
  "image rm": "image",
  "image push": "image",
  "image save": "image",
  "registry login": "registry",
  "registry logout": "registry",
  "registry set": "registry",
  "registry rm": "registry",
  "context use": "context",
  "context rm": "context",
  "user grant": "account",
  "user reset": "account",
  "user delete": "account",
  "user rm": "account",
};

/** Names of a kind, sorted, each once. @param project narrows down what belongs to projects */
export async function namesOf(
  api: ApiClient,
  kind: Exclude<Named, "context">,
  project: string | undefined,
): Promise<string[]> {
  const found = await listed(api, kind, project);
  // The shell would take a name apart, or run it.
  return [...new Set(found)].filter((name) => /^[\w.@:/+-]{1,255}$/.test(name)).sort();
}

async function listed(
  api: ApiClient,
  kind: Exclude<Named, "context">,
  project: string | undefined,
): Promise<string[]> {
  switch (kind) {
    case "project":
      return (await api.projects()).map(({ name }) => name);
    case "service":
      return (await api.services(project)).map(({ name }) => name);
    case "job":
      return (await api.look(ENDPOINTS.jobs, { project })).items.map(({ name }) => name);
    case "container":
      return (await api.containers(project)).map(({ service, slot }) => `${service}/${slot}`);
    case "node":
      return (await api.nodes()).map(({ name }) => name);
    case "volume":
      return (await api.volumes(project)).map(({ name }) => name);
    case "route":
      return (await api.routes(project)).map(({ id }) => id);
    case "network":
      return (await api.networks(project)).map(({ key }) => key);
    case "release":
      return (await api.releases(project)).map(({ id }) => id);
    case "secret":
      return (await api.secrets(project)).map(({ name }) => name);
    case "image":
      return (await api.images()).flatMap(({ references }) => references);
    case "registry":
      return (await api.registries()).map(({ host }) => host);
    case "account":
      return (await api.accounts()).map(({ name }) => name);
  }
}
