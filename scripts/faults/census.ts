/** What runs on the box, each process by what it is. */
import type { Box } from "../e2e/box.ts";
import { processesOfHost } from "../e2e/lab/leftovers.ts";
import type { Lab } from "../e2e/lab/lab.ts";

/** In the words of the table. */
export type Kind = string;

export interface Running {
  readonly pid: number;
  readonly kind: Kind;
}

/** What /proc says of one process. */
export interface ProcessFacts {
  readonly comm: string;
  readonly argv: readonly string[];
  readonly cgroup: string;
  /** Of its parent; null: that is none of the host's. */
  readonly parent: ProcessFacts | null;
}

export const KIND = {
  up: "`skerry up`",
  agent: "`skerry agent`",
  control: "`skerry control`",
  logs: "`skerry logs --follow`",
  exec: "`skerry exec`",
  podman: "Podman's service",
  cleanup: "Podman's clean-up",
  traefik: "Traefik",
  conmon: "a conmon",
  execConmon: "the conmon of an exec",
  execProcess: "the program of an exec",
  init: "a container's init",
  program: "a container's program",
  child: "a child of a container's program",
} as const;

/** Pure. */
export function kindOf(facts: ProcessFacts): Kind {
  const { comm, argv, cgroup, parent } = facts;
  const main = argv.findIndex((word) => word.endsWith("cmd/main.ts"));
  if (main >= 0) {
    const verb = argv[main + 1] ?? "";
    return verb === "up" || verb === "agent" || verb === "control" || verb === "logs" ||
        verb === "exec"
      ? KIND[verb]
      : `\`skerry ${verb}\``;
  }
  if (comm === "traefik") return KIND.traefik;
  if (comm === "conmon") return argv.includes("--exec-attach") ? KIND.execConmon : KIND.conmon;
  if (comm === "podman") {
    if (argv.includes("service")) return KIND.podman;
    if (argv.includes("cleanup")) return KIND.cleanup;
    return "Podman's helper";
  }
  if (comm.startsWith("runc") || comm === "crun") return "the runtime (runc)";
  if (!/libpod-[0-9a-f]{64}/.test(cgroup) || parent === null) return comm;
  switch (kindOf(parent)) {
    case KIND.conmon:
      return KIND.init;
    case KIND.execConmon:
      return KIND.execProcess;
    case KIND.init:
      return KIND.program;
    default:
      return KIND.child;
  }
}

/** All of the box, the lowest pid first; a process that ends meanwhile is left out. */
export async function census(lab: Lab, box: Box): Promise<readonly Running[]> {
  const pids = await processesOfHost(lab.tag, box.host.name);
  const ours = new Set(pids);
  const known = new Map<number, ProcessFacts | null>();
  const factsOf = async (pid: number): Promise<ProcessFacts | null> => {
    const before = known.get(pid);
    if (before !== undefined) return before;
    const facts = await readFacts(pid, (parent) => ours.has(parent) ? factsOf(parent) : null);
    known.set(pid, facts);
    return facts;
  };
  const found: Running[] = [];
  for (const pid of [...pids].sort((a, b) => a - b)) {
    const facts = await factsOf(pid);
    if (facts !== null) found.push({ pid, kind: kindOf(facts) });
  }
  return found;
}

/** @param parentOf null: not one of those that count */
export async function readFacts(
  pid: number,
  parentOf: (pid: number) => Promise<ProcessFacts | null> | null,
): Promise<ProcessFacts | null> {
  try {
    const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z") return null;
    return {
      comm: (await Deno.readTextFile(`/proc/${pid}/comm`)).trim(),
      argv: (await Deno.readTextFile(`/proc/${pid}/cmdline`)).split("\0").filter((w) => w !== ""),
      cgroup: await Deno.readTextFile(`/proc/${pid}/cgroup`),
      parent: await parentOf(Number(fields[1])),
    };
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound || /ESRCH|No such process/i.test(String(thrown))) {
      return null;
    }
    throw thrown;
  }
}
