/** Services, jobs, containers, nodes, volumes, routes, networks, projects and releases, each with its ways. */
import type {
  ContainerDescription,
  JobDescription,
  NetworkDescription,
  NodeDescription,
  ProjectDescription,
  RouteDescription,
  ServiceDescription,
  VolumeDescription,
} from "../../shared/api/descriptions.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { ReleaseView } from "../../shared/api/release.ts";
import { SkerryError } from "../../shared/errors.ts";
import { projectOf, serviceName, writtenProject } from "../cli.ts";
import { stageTone } from "../output/words.ts";
import { jobText, runToLookAt } from "./job.ts";
import { containerText } from "./container.ts";
import { type Asked, type Kind, meant } from "./kind.ts";
import { networkText } from "./network.ts";
import { nodeText } from "./node.ts";
import { projectText, releaseText } from "./project.ts";
import { routeText } from "./route.ts";
import { serviceText } from "./service.ts";
import { volumeText } from "./volume.ts";

const projectWritten = ({ cli, command }: Asked) => writtenProject(cli, command) ?? undefined;
/** The project that is written, else the only one that has a service (or job) of that name. */
async function projectWith(
  asked: Asked,
  name: string,
  kind: "services" | "jobs",
): Promise<string> {
  const written = projectWritten(asked);
  if (written !== undefined) return written;
  const rows: readonly { readonly project: string; readonly name: string }[] = kind === "services"
    ? await asked.api.services()
    : (await asked.api.look(ENDPOINTS.jobs, {})).items;
  const [only, ...others] = new Set(
    rows.filter((row) => row.name === name).map(({ project }) => project),
  );
  if (only === undefined && rows.length > 0) {
    throw new SkerryError(
      "not_found",
      `no project has a ${kind === "jobs" ? "job" : "service"} ${JSON.stringify(name)}`,
      `\`skerry get ${kind}\` lists those that there are`,
    );
  }
  return only !== undefined && others.length === 0 ? only : await projectMeant(asked);
}

const projectMeant = ({ cli, command, api }: Asked) => projectOf(cli, command, api);

export const SERVICE: Kind<ServiceDescription> = {
  name: "service",
  takes: "<names...>",
  summary: "services: what is wanted, what is, and why they differ",
  examples: ["skerry describe service web", "skerry describe service db -p shop -o yaml"],
  described: ENDPOINTS.describeService,
  async find(asked, written) {
    const service = serviceName(written ?? "");
    return [{ params: { name: await projectWith(asked, service, "services"), service } }];
  },
  text: serviceText,
  events: ({ service }) => ({ project: service.project, service: service.name }),
  // Nobody needs to read its log to know why it is as it is, where it is well.
  unwell: ({ service }) =>
    stageTone(service.stage) === "good"
      ? null
      : { project: service.project, service: service.name },
};

export const JOB: Kind<JobDescription> = {
  name: "job",
  takes: "<names...>",
  summary: "jobs: when they run, and how they ran",
  examples: ["skerry describe job backup", "skerry describe job backup -o json"],
  described: ENDPOINTS.describeJob,
  async find(asked, written) {
    const service = serviceName(written ?? "");
    return [{ params: { name: await projectWith(asked, service, "jobs"), service } }];
  },
  text: jobText,
  events: ({ job }) => ({ project: job.project, service: job.name }),
  unwell(of) {
    const run = runToLookAt(of);
    return run === null ? null : { project: of.job.project, service: of.job.name, run: run.number };
  },
};

export const CONTAINER: Kind<ContainerDescription> = {
  name: "container",
  takes: "<names...>",
  summary: "containers, by service, service/slot, name, or the first letters of their id",
  examples: ["skerry describe container web", "skerry describe container web/2 -w"],
  described: ENDPOINTS.describeContainer,
  async find(asked, written) {
    const word = written ?? "";
    const rows = await asked.api.containers(projectWritten(asked));
    const found = meant(rows, word, (row) => {
      const id = row.container?.id ?? "";
      return [
        row.service,
        `${row.service}/${row.slot}`,
        `${row.project}/${row.service}`,
        `${row.project}/${row.service}/${row.slot}`,
        row.name,
        row.deployment,
        ...word.length >= 4 && id.startsWith(word) ? [word] : [],
      ];
    }, "container");
    return found.map(({ deployment }) => ({ params: { deployment } }));
  },
  text: containerText,
  events: ({ container }) => ({
    project: container.project,
    service: container.service,
    about: ({ subject }) => subject?.deployment === container.deployment,
  }),
  unwell: ({ container }) =>
    stageTone(container.stage) === "good"
      ? null
      : { project: container.project, service: container.service },
};

export const NODE: Kind<NodeDescription> = {
  name: "node",
  takes: "[names...]",
  summary: "nodes, and all that is on them",
  examples: ["skerry describe node", "skerry describe node box -o json"],
  described: ENDPOINTS.describeNode,
  async find({ api }, written) {
    const nodes = await api.nodes();
    const found = written === null
      ? nodes
      : meant(nodes, written, ({ id, name }) => [id, name], "node");
    return found.map(({ name }) => ({ params: { node: name } }));
  },
  text: nodeText,
  events: () => ({ about: ({ subject }) => subject === null }),
};

export const VOLUME: Kind<VolumeDescription> = {
  name: "volume",
  takes: "<names...>",
  summary: "volumes, and who mounts them where",
  examples: ["skerry describe volume data", "skerry describe volume shop/data"],
  described: ENDPOINTS.describeVolume,
  async find(asked, written) {
    const rows = await asked.api.volumes(projectWritten(asked));
    return meant(rows, written ?? "", ({ name, project, engineName, id }) => [
      name,
      `${project}/${name}`,
      engineName,
      id,
    ], "volume").map(({ project, name }) => ({ params: { name: project, volume: name } }));
  },
  text: volumeText,
  events: ({ volume }) => ({
    about: ({ kind, message }) =>
      (kind === "blocked" || kind === "unblocked") &&
      (message.includes(volume.engineName) || message.includes(volume.id)),
  }),
};

export const ROUTE: Kind<RouteDescription> = {
  name: "route",
  takes: "<names...>",
  summary: "routes, by service/number (`get routes -o json` has them as `id`), service or host",
  examples: ["skerry describe route web", "skerry describe route web/0 -p shop"],
  described: ENDPOINTS.describeRoute,
  async find(asked, written) {
    const rows = await asked.api.routes(projectWritten(asked));
    return meant(rows, written ?? "", ({ id, project, service, host }) => [
      id,
      `${project}/${id}`,
      service,
      `${project}/${service}`,
      ...host === null ? [] : [host],
    ], "route").map(({ project, id }) => ({ params: { name: project, route: id } }));
  },
  text: routeText,
  events: ({ route }) => ({
    project: route.project,
    service: route.service,
    about: ({ kind, message }) =>
      (kind === "route_published" || kind === "route_withdrawn") &&
      message.startsWith(`${route.host ?? "any host"}${route.path} `),
  }),
};

export const NETWORK: Kind<NetworkDescription> = {
  name: "network",
  takes: "<names...>",
  summary: "networks, and who finds each other on them",
  examples: ["skerry describe network default -p shop", "skerry describe network shop/default"],
  described: ENDPOINTS.describeNetwork,
  async find(asked, written) {
    const rows = await asked.api.networks(projectWritten(asked));
    return meant(
      rows,
      written ?? "",
      ({ key, name }) => [key, name, key.slice(key.indexOf("/") + 1)],
      "network",
    ).map(({ key }) => ({ params: { network: key } }));
  },
  text: networkText,
  events: () => ({
    about: ({ subject, message }) =>
      subject === null && /^(network|names|firewall) \(/.test(message),
  }),
};

export const PROJECT: Kind<ProjectDescription> = {
  name: "project",
  takes: "[names...]",
  summary: "projects: services, volumes, networks, releases",
  examples: ["skerry describe project shop"],
  described: ENDPOINTS.describeProject,
  async find(asked, written) {
    if (written === null) return [{ params: { name: await projectMeant(asked) } }];
    return meant(await asked.api.projects(), written, ({ name, id }) => [name, id], "project")
      .map(({ name }) => ({ params: { name } }));
  },
  text: projectText,
  events: ({ project }) => ({ project: project.name }),
};

export const RELEASE: Kind<ReleaseView> = {
  name: "release",
  takes: "[names...]",
  summary: "releases, by id or number; without one, a project's newest",
  examples: ["skerry describe release -p shop", "skerry describe release 3 -p shop"],
  described: ENDPOINTS.release,
  async find(asked, written) {
    const project = projectWritten(asked) ??
      (written?.startsWith("rel_") ? undefined : await projectMeant(asked));
    const rows = await asked.api.releases(project);
    const found = written === null
      ? rows.slice(0, 1)
      : meant(rows, written, ({ id, number }) => [id, String(number)], "release");
    return found.map(({ id }) => ({ params: { id } }));
  },
  text: releaseText,
  events: ({ project, at }) => ({ project, about: (event) => event.at >= at }),
};
