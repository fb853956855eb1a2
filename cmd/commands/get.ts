/** `skerry get KIND`: lists. */
import type { Command } from "commander";
import type { z } from "zod";
import type {
  ContainerView,
  NodeView,
  ProjectView,
  RouteView,
  ServiceView,
  VolumeView,
} from "../../shared/api/views.ts";
import { type Cli, examples, printList, subcommand, withApi, writtenProject } from "../cli.ts";
import type { Column } from "../output/table.ts";
import { agoText, healthTone, reasonText, shortHash, stageTone } from "../output/words.ts";

type Ready = { readonly wanted: number; readonly running: number };
const ready = ({ wanted, running }: Ready) => ({
  text: `${running}/${wanted}`,
  tone: running >= wanted ? "good" as const : "bad" as const,
});

/** Columns of services. */
export const SERVICE_COLUMNS: readonly Column<z.infer<typeof ServiceView>>[] = [
  { title: "PROJECT", cell: (row) => row.project },
  { title: "SERVICE", cell: (row) => row.name },
  { title: "READY", cell: (row) => ready(row.slots) },
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
    { title: "WANT", cell: (row) => row.want },
    { title: "STAGE", cell: (row) => ({ text: row.stage, tone: stageTone(row.stage) }) },
    { title: "HEALTH", cell: (row) => ({ text: row.health, tone: healthTone(row.health) }) },
    { title: "ADDRESS", cell: (row) => row.addresses.join(", ") },
    { title: "UP", cell: (row) => agoText(upSince(row), now) },
    { title: "RESTARTS", cell: (row) => String(row.restarts) },
    { title: "CONTAINER", cell: (row) => shortHash(row.container?.id ?? null) },
    { title: "WHY", cell: (row) => row.pull ?? reasonText(row.reason) },
  ];
}

function upSince(row: z.infer<typeof ContainerView>): number | null {
  return row.container?.state === "running" ? row.container.startedAt : null;
}

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
    { title: "CONTAINERS", cell: (row) => row.containerSubnet },
    {
      title: "INGRESS",
      cell: ({ ingress }) =>
        ingress === null ? "" : {
          text: `${ingress.httpPort}, ${ingress.httpsPort}${ingress.live ? "" : " (down)"}`,
          tone: ingress.live ? "good" : "bad",
        },
    },
    { title: "REVISION", cell: (row) => `${row.reportedRevision ?? "-"}/${row.revision}` },
    { title: "REPORTED", cell: (row) => agoText(row.lastReportAt, now) },
    { title: "VERSION", cell: (row) => row.agentVersion ?? "" },
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
  { title: "IN PODMAN", cell: (row) => row.engineName },
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

/** Adds `get`. */
export function addGet(program: Command, cli: Cli): void {
  const get = program.command("get").description("list what there is, with what is and why");
  examples(get, "skerry get services", "skerry get containers -p shop -o json");
  const list = (
    kind: string,
    summary: string,
    print: (command: Command, project: string | undefined) => Promise<void>,
    project = true,
  ) => {
    subcommand(get, kind, summary, { project, output: true })
      .action(async (_options: unknown, command: Command) => {
        const written = project ? writtenProject(cli, command) : null;
        await print(command, written ?? undefined);
      });
  };
  const now = () => cli.host.clock.now();
  list(
    "services",
    "services and how they are",
    (command, project) =>
      withApi(cli, command, async (api) => {
        const rows = await api.services(project);
        await printList(cli, command, rows, SERVICE_COLUMNS, "no services");
      }),
  );
  list(
    "containers",
    "containers, one a line",
    (command, project) =>
      withApi(cli, command, async (api) => {
        const rows = await api.containers(project);
        await printList(cli, command, rows, containerColumns(now()), "no containers");
      }),
  );
  list(
    "nodes",
    "nodes and what they last said",
    (command) =>
      withApi(cli, command, async (api) => {
        await printList(cli, command, await api.nodes(), nodeColumns(now()), "no nodes");
      }),
    false,
  );
  list(
    "volumes",
    "volumes and who uses them",
    (command, project) =>
      withApi(cli, command, async (api) => {
        await printList(cli, command, await api.volumes(project), VOLUME_COLUMNS, "no volumes");
      }),
  );
  list(
    "routes",
    "what the ingress leads where",
    (command, project) =>
      withApi(cli, command, async (api) => {
        await printList(cli, command, await api.routes(project), ROUTE_COLUMNS, "no routes");
      }),
  );
  list(
    "projects",
    "projects, the deleted ones too",
    (command) =>
      withApi(cli, command, async (api) => {
        await printList(cli, command, await api.projects(), projectColumns(now()), "no projects");
      }),
    false,
  );
}
