/** One look at everything on a box that could grow. */
import { DatabaseSync } from "node:sqlite";
import { z } from "zod";
import { podmanPaths } from "../../../agent/drivers/podman/service.ts";
import type { Box } from "../../e2e/box.ts";
import { boxProcesses, entriesOf } from "./process_tree.ts";
import type { SeriesName } from "./series.ts";
import { treeSize } from "./tree.ts";

const TABLES = {
  rows_release: "release",
  rows_part: "part",
  rows_revision: "revision",
  rows_deployment: "deployment",
  rows_observed: "observed_deployment",
  rows_section: "section_blob",
  rows_sealed: "sealed",
  rows_change: "change",
  rows_idempotency: "idempotency",
} as const satisfies Partial<Record<SeriesName, string>>;

const Ruleset = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const Elements = z.object({ elem: z.array(z.unknown()).default([]) });

/** `apply_ms` is not seen on the box, but measured by who applies. */
export type Seen = Omit<Record<SeriesName, number>, "apply_ms">;

export interface Looker {
  /** Remembers which containers there are: their control groups must go with them. */
  note(): Promise<void>;
  look(up: number): Promise<Seen>;
}

export function createLooker(box: Box): Looker {
  const { layout } = box;
  const paths = podmanPaths(layout);
  const everSeen = new Set<string>();
  return {
    async note() {
      for await (const { name } of Deno.readDir(`${paths.root}/overlay-containers`)) {
        if (/^[0-9a-f]{64}$/.test(name)) everSeen.add(name);
      }
    },
    async look(up) {
      const folder = async (name: string, path: string) => {
        const { files, kib } = await treeSize(path);
        return { [`files_${name}`]: files, [`kib_${name}`]: kib };
      };
      const folders: Record<string, number> = {
        ...await folder("control", `${layout.home}/control`),
        ...await folder("agent", layout.agentDir),
        ...await folder("logs", layout.logsDir),
        ...await folder("podman", layout.podmanDir),
        ...await folder("traefik", layout.traefikDir),
        ...await folder("run", layout.runDir),
      };
      const inFolder = (name: string) => folders[name] ?? 0;
      return {
        ...await processes(up, [layout.home, layout.runDir]),
        ...rows(layout.controlDatabase),
        ...await network(up),
        ...await rules(box),
        control_groups: await controlGroups(everSeen),
        files_control: inFolder("files_control"),
        files_agent: inFolder("files_agent"),
        files_logs: inFolder("files_logs"),
        files_podman: inFolder("files_podman"),
        files_traefik: inFolder("files_traefik"),
        files_run: inFolder("files_run"),
        kib_control: inFolder("kib_control"),
        kib_agent: inFolder("kib_agent"),
        kib_logs: inFolder("kib_logs"),
        kib_podman: inFolder("kib_podman"),
        kib_traefik: inFolder("kib_traefik"),
        kib_run: inFolder("kib_run"),
        kib_control_db: await sizes([
          layout.controlDatabase,
          `${layout.controlDatabase}-wal`,
          `${layout.controlDatabase}-shm`,
        ]),
        // Podman 5 keeps its own in SQLite.
        kib_podman_db: await sizes([
          `${paths.root}/libpod/bolt_state.db`,
          `${paths.root}/db.sql`,
        ]),
        kib_addresses_db: await sizes([
          `/proc/${up}/root/run/containers/networks/ipam.db`,
          `${paths.runRoot}/networks/ipam.db`,
        ]),
      };
    },
  };
}

async function processes(up: number, words: readonly string[]) {
  const all = await boxProcesses(up, words);
  const sum = (of: typeof all, field: "rssKiB" | "descriptors" | "threads") =>
    of.reduce((total, each) => total + each[field], 0);
  const mib = (of: typeof all) => Math.round(sum(of, "rssKiB") / 102.4) / 10;
  const ups = all.filter(({ pid }) => pid === up);
  const podmans = all.filter(({ program, argv }) =>
    program === "podman" && argv.includes("service")
  );
  const traefiks = all.filter(({ program }) => program === "traefik");
  const conmons = all.filter(({ program }) => program === "conmon");
  return {
    up_rss: mib(ups),
    podman_rss: mib(podmans),
    traefik_rss: mib(traefiks),
    conmon_rss: mib(conmons),
    up_fds: sum(ups, "descriptors"),
    podman_fds: sum(podmans, "descriptors"),
    traefik_fds: sum(traefiks, "descriptors"),
    processes: all.length,
    conmons: conmons.length,
    up_threads: sum(ups, "threads"),
    podman_threads: sum(podmans, "threads"),
    traefik_threads: sum(traefiks, "threads"),
  };
}

function rows(path: string) {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const count = (table: string, where = "true") => {
      const row = database.prepare(`SELECT count(*) AS n FROM ${table} WHERE ${where}`).get();
      return z.object({ n: z.number() }).parse(row).n;
    };
    return {
      addresses: count("address", "deployment_id IS NOT NULL"),
      rows_release: count(TABLES.rows_release),
      rows_part: count(TABLES.rows_part),
      rows_revision: count(TABLES.rows_revision),
      rows_deployment: count(TABLES.rows_deployment),
      rows_observed: count(TABLES.rows_observed),
      rows_section: count(TABLES.rows_section),
      rows_sealed: count(TABLES.rows_sealed),
      rows_change: count(TABLES.rows_change),
      rows_idempotency: count(TABLES.rows_idempotency),
    };
  } finally {
    database.close();
  }
}

/** Of the host's own namespaces, seen through a process that lives in them. */
async function network(up: number) {
  const lines = async (path: string) => (await Deno.readTextFile(path)).trim().split("\n").length;
  return {
    network_namespaces: await entriesOf(`/proc/${up}/root/run/netns`),
    // Two lines are the table's head.
    links: await lines(`/proc/${up}/net/dev`) - 2,
    mounts: await lines(`/proc/${up}/mountinfo`),
  };
}

async function rules(box: Box) {
  const text = await box.host.must(["nft", "-j", "list", "ruleset"]);
  const { nftables } = Ruleset.parse(JSON.parse(text));
  const count = (kind: string) => nftables.filter((object) => kind in object).length;
  const elements = nftables.reduce((total, object) => {
    const set = object["set"] ?? object["map"];
    return total + (set === undefined ? 0 : Elements.parse(set).elem.length);
  }, 0);
  return { rules: count("rule"), chains: count("chain"), elements };
}

/** Control groups of containers that are, or were, on this box; those of others are left out. */
async function controlGroups(containers: ReadonlySet<string>): Promise<number> {
  let count = 0;
  const folders = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];
  const root = await entriesOf(folders[0] ?? "") > 0 ? folders[0] : folders[1];
  const todo = [root ?? ""];
  for (let folder = todo.pop(); folder !== undefined; folder = todo.pop()) {
    try {
      for await (const { name, isDirectory } of Deno.readDir(folder)) {
        if (!isDirectory) continue;
        todo.push(`${folder}/${name}`);
        const id = /[0-9a-f]{64}/.exec(name)?.[0];
        if (id !== undefined && containers.has(id)) count += 1;
      }
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
  return count;
}

async function sizes(paths: readonly string[]): Promise<number> {
  const infos = await Promise.all(paths.map((path) => Deno.stat(path).catch(() => null)));
  return Math.round(infos.reduce((total, info) => total + (info?.size ?? 0), 0) / 1024);
}
