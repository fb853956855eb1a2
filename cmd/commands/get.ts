/** `skerry get KIND`: lists. */
import type { Command } from "commander";
import { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { Watchable } from "../../shared/api/endpoint.ts";
import type {
  ContainerView,
  JobView,
  NetworkView,
  NodeView,
  ProjectView,
  ReleaseLine,
  RouteView,
  ServiceView,
  VolumeView,
} from "../../shared/api/views.ts";
import { type Cli, examples, printList, subcommand, withApi, writtenProject } from "../cli.ts";
import { jobColumns } from "../output/jobs.ts";
import type { Column } from "../output/table.ts";
import { answersOf } from "../watch/answers.ts";
import { type RowsShown, watchRows } from "../watch/list.ts";
import { watchFormat, watchOption } from "../watch/option.ts";
import {
  agoText,
  bytesText,
  healthTone,
  readyCell,
  reasonText,
  shortHash,
  stageTone,
} from "../output/words.ts";

/** Columns of services. */
export const SERVICE_COLUMNS: readonly Column<z.infer<typeof ServiceView>>[] = [
  { title: "PROJECT", cell: (row) => row.project },
  { title: "SERVICE", cell: (row) => row.name },
  { title: "READY", cell: readyCell },
  { title: "STAGE", cell: (row) => ({ text: row.stage, tone: stageTone(row.stage) }) },
  { title: "HEALTH", cell: (row) => ({ text: row.health, tone: healthTone(row.health) }) },
  { title: "IMAGE", cell: (row) => row.image.reference },
  { title: "REACHED AT", cell: (row) => [...row.urls, ...row.ports].join(", ") },
  { title: "WHY", cell: (row) => reasonText(row.reason) },
];

function containerColumns(now: number): readonly Column<z.infer<typeof ContainerView>>[] {
  return [
    { title: "PROJECT", cell: (row) => row.project },
    { title: "SERVICE", cell: (row) => `${row.service}/${row.slot}` },
    { title: "WANT", cell: (row) => row.want, spare: 1 },
    { title: "STAGE", cell: (row) => ({ text: row.stage, tone: stageTone(row.stage) }) },
    { title: "HEALTH", cell: (row) => ({ text: row.health, tone: healthTone(row.health) }) },
    { title: "ADDRESS", cell: (row) => row.addresses.join(", "), spare: 2 },
    { title: "UP", cell: (row) => agoText(upSince(row), now) },
    { title: "RESTARTS", cell: (row) => String(row.restarts) },
    { title: "CONTAINER", cell: (row) => shortHash(row.container?.id ?? null), spare: 3 },
    { title: "WHY", cell: (row) => row.pull ?? reasonText(row.reason) },
  ];
}

function upSince(row: z.infer<typeof ContainerView>): number | null {
  return row.container?.state === "running" ? row.container.startedAt : null;
}

const DISK_TONE = { ok: "good", filling: "busy", full: "bad" } as const;

function nodeColumns(now: number): readonly Column<z.infer<typeof NodeView>>[] {
  return [
    { title: "NODE", cell: (row) => row.name },
    {
      title: "STATE",
      cell: (row) =>
        row.online
          ? { text: row.state ?? "online", tone: "good" }
          : { text: "offline", tone: "bad" },
    },
    { title: "CONTAINERS", cell: (row) => row.containerSubnet, spare: 2 },
    {
      title: "INGRESS",
      cell: ({ ingress }) =>
        ingress === null ? "" : {
          text: `${ingress.httpPort}, ${ingress.httpsPort}${ingress.live ? "" : " (down)"}`,
          tone: ingress.live ? "good" : "bad",
        },
    },
    {
      title: "DISK",
      cell: ({ disk }) =>
        disk === null ? "" : {
          text: `${disk.usedPercent}%, ${bytesText(disk.freeBytes)} free`,
          tone: DISK_TONE[disk.level],
        },
    },
    {
      title: "REVISION",
      cell: (row) => `${row.reportedRevision ?? "-"}/${row.revision}`,
      spare: 1,
    },
    { title: "REPORTED", cell: (row) => agoText(row.lastReportAt, now) },
    { title: "VERSION", cell: (row) => row.agentVersion ?? "", spare: 3 },
    {
      title: "WHY",
      cell: (row) =>
        row.verdicts.filter((verdict) => verdict.kind !== "converged")
          .map((verdict) => verdict.reason.message).join("; "),
    },
  ];
}

/** Columns of volumes. */
export const VOLUME_COLUMNS: readonly Column<z.infer<typeof VolumeView>>[] = [
  { title: "PROJECT", cell: (row) => row.project },
  { title: "VOLUME", cell: (row) => row.name },
  { title: "STATE", cell: (row) => (row.present ? row.state : "not made yet") },
  { title: "NODE", cell: (row) => row.node },
  { title: "USED BY", cell: (row) => row.services.join(", ") },
  { title: "IN PODMAN", cell: (row) => row.engineName, spare: 1 },
];

const ROUTE_COLUMNS: readonly Column<z.infer<typeof RouteView>>[] = [
  { title: "PROJECT", cell: (row) => row.project },
  { title: "SERVICE", cell: (row) => row.service },
  { title: "HOST", cell: (row) => row.host ?? "any" },
  { title: "PATH", cell: (row) => row.path },
  { title: "PORT", cell: (row) => String(row.port) },
  { title: "TLS", cell: (row) => row.tls },
  {
    title: "LIVE",
    cell: (row) => row.live ? { text: "yes", tone: "good" } : { text: "no", tone: "bad" },
  },
  { title: "SERVERS", cell: (row) => row.servers.join(", ") },
  { title: "WHY", cell: (row) => reasonText(row.reason) },
];

function projectColumns(now: number): readonly Column<z.infer<typeof ProjectView>>[] {
  return [
    { title: "PROJECT", cell: (row) => row.name },
    { title: "SERVICES", cell: (row) => (row.deleted ? "deleted" : String(row.services)) },
    { title: "RELEASE", cell: (row) => row.releaseState ?? "" },
    { title: "AGE", cell: (row) => agoText(row.createdAt, now) },
    { title: "FOLDER", cell: (row) => row.sourceFolder ?? "" },
  ];
}

const NETWORK_COLUMNS: readonly Column<z.infer<typeof NetworkView>>[] = [
  { title: "NETWORK", cell: (row) => row.key },
  { title: "NAME", cell: (row) => row.name },
  { title: "PROJECTS", cell: (row) => row.projects.join(", ") },
  { title: "WAY OUT", cell: (row) => (row.internal ? "no" : "yes") },
  { title: "SERVICES", cell: (row) => row.services.join(", ") },
];

/** Columns of releases. */
export function releaseColumns(now: number): readonly Column<z.infer<typeof ReleaseLine>>[] {
  return [
    { title: "PROJECT", cell: (row) => row.project },
    { title: "NUMBER", cell: (row) => String(row.number) },
    { title: "RELEASE", cell: (row) => row.id },
    { title: "STATE", cell: (row) => (row.deletes ? `delete, ${row.state}` : row.state) },
    { title: "AGE", cell: (row) => agoText(row.at, now) },
    { title: "BY", cell: (row) => row.by },
    { title: "WHY", cell: (row) => reasonText(row.reason) },
  ];
}

/** One kind of things that are listed. */
interface Kind<Row> extends Omit<RowsShown<Row>, "columns"> {
  readonly name: string;
  readonly summary: string;
  /** May it be narrowed down to a project? */
  readonly project: boolean;
  columns(now: number): readonly Column<Row>[];
  readonly list: Watchable<z.ZodType<{ items: Row[] }>>;
  rows(api: ApiClient, project: string | undefined): Promise<readonly Row[]>;
}

const SERVICES: Kind<z.infer<typeof ServiceView>> = {
  name: "services",
  summary: "services and how they are",
  project: true,
  columns: () => SERVICE_COLUMNS,
  key: ({ id }) => id,
  none: "no services",
  list: ENDPOINTS.services,
  rows: (api, project) => api.services(project),
};
const CONTAINERS: Kind<z.infer<typeof ContainerView>> = {
  name: "containers",
  summary: "containers, one a line",
  project: true,
  columns: containerColumns,
  key: ({ deployment }) => deployment,
  none: "no containers",
  list: ENDPOINTS.containers,
  rows: (api, project) => api.containers(project),
};
const NODES: Kind<z.infer<typeof NodeView>> = {
  name: "nodes",
  summary: "nodes and what they last said",
  project: false,
  columns: nodeColumns,
  key: ({ id }) => id,
  // A sign of life is no news.
  content: (row) => ({ ...row, lastReportAt: null }),
  none: "no nodes",
  list: ENDPOINTS.nodes,
  rows: (api) => api.nodes(),
};
const VOLUMES: Kind<z.infer<typeof VolumeView>> = {
  name: "volumes",
  summary: "volumes and who uses them",
  project: true,
  columns: () => VOLUME_COLUMNS,
  key: ({ id }) => id,
  none: "no volumes",
  list: ENDPOINTS.volumes,
  rows: (api, project) => api.volumes(project),
};
const ROUTES: Kind<z.infer<typeof RouteView>> = {
  name: "routes",
  summary: "what the ingress leads where",
  project: true,
  columns: () => ROUTE_COLUMNS,
  key: ({ project, id }) => `${project}/${id}`,
  none: "no routes",
  list: ENDPOINTS.routes,
  rows: (api, project) => api.routes(project),
};
const PROJECTS: Kind<z.infer<typeof ProjectView>> = {
  name: "projects",
  summary: "projects, the deleted ones too",
  project: false,
  columns: projectColumns,
  key: ({ id }) => id,
  none: "no projects",
  list: ENDPOINTS.projects,
  rows: (api) => api.projects(),
};

const NETWORKS: Kind<z.infer<typeof NetworkView>> = {
  name: "networks",
  summary: "networks and who is on them",
  project: true,
  columns: () => NETWORK_COLUMNS,
  key: ({ key }) => key,
  none: "no networks",
  list: ENDPOINTS.networks,
  rows: (api, project) => api.networks(project),
};
const RELEASES: Kind<z.infer<typeof ReleaseLine>> = {
  name: "releases",
  summary: "releases of projects, the newest first",
  project: true,
  columns: releaseColumns,
  key: ({ id }) => id,
  none: "no releases",
  list: ENDPOINTS.releases,
  rows: (api, project) => api.releases(project),
};
const JOBS: Kind<z.infer<typeof JobView>> = {
  name: "jobs",
  summary: "jobs: when they run next, and how they ran last",
  project: true,
  columns: jobColumns,
  key: ({ service }) => service,
  none: "no jobs",
  list: ENDPOINTS.jobs,
  rows: async (api, project) => (await api.look(ENDPOINTS.jobs, { project })).items,
};

const GetOptions = z.object({ watch: z.boolean().exactOptional() });

function addKind<Row>(get: Command, cli: Cli, kind: Kind<Row>): void {
  const columns = () => kind.columns(cli.host.clock.now());
  subcommand(get, kind.name, kind.summary, { project: kind.project, output: true })
    .addOption(watchOption())
    .action(async (raw: unknown, command: Command) => {
      const { watch = false } = GetOptions.parse(raw);
      const project = (kind.project ? writtenProject(cli, command) : null) ?? undefined;
      await withApi(cli, command, async (api) => {
        if (!watch) {
          return printList(cli, command, await kind.rows(api, project), columns(), kind.none);
        }
        const { key, content, none } = kind;
        const shown = { key, none, columns, ...(content === undefined ? {} : { content }) };
        const answers = answersOf(cli, api, kind.list, { project });
        await watchRows(cli, watchFormat(command), shown, itemsOf(answers));
      });
    });
}

async function* itemsOf<Row>(
  answers: AsyncIterable<{ items: readonly Row[] }>,
): AsyncGenerator<readonly Row[]> {
  for await (const { items } of answers) yield items;
}

/** Adds `get`. */
export function addGet(program: Command, cli: Cli): void {
  const get = program.command("get").description("list what there is, with what is and why");
  examples(
    get,
    "skerry get services",
    "skerry get containers -p shop -o json",
    "skerry get services -w              go on with what changes",
  );
  addKind(get, cli, SERVICES);
  addKind(get, cli, CONTAINERS);
  addKind(get, cli, NODES);
  addKind(get, cli, VOLUMES);
  addKind(get, cli, ROUTES);
  addKind(get, cli, NETWORKS);
  addKind(get, cli, JOBS);
  addKind(get, cli, PROJECTS);
  addKind(get, cli, RELEASES);
}
