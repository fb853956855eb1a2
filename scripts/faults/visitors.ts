/** Watches for programs that come and go on a host, and may kill one of them as it appears. */
import type { LabHost } from "../e2e/lab/host.ts";
import { KIND, type Kind, kindOf, type ProcessFacts } from "./census.ts";

export interface Visitors {
  /** How many of each kind have come. */
  seen(): ReadonlyMap<Kind, number>;
  /** The one that was meant was there when the signal came. */
  hit(): boolean;
  stop(): Promise<void>;
}

/** What Skerry and Podman start for a moment; anything else there is a container's own. */
const PASSING = new RegExp(
  `^(?:${
    [
      ...["conmon", "podman", "runc.*", "crun", "netavark", "aardvark-dns", "catatonit"],
      ...["nft", "ip6?tables.*", "ip", "tc", "sysctl", "modprobe", "mount", "umount", "traefik"],
    ].join("|")
  })$`,
);
/** A new process is its parent's copy until it becomes a program of its own. */
const LOOKS = 50;

/** @param target of its kind the `nth` from now on is killed */
export function watchVisitors(
  host: LabHost,
  target?: { readonly kind: Kind; readonly nth: number },
): Visitors {
  const mounts = Deno.readLinkSync(`${host.root}/proc/${holderOf(host)}/ns/mnt`);
  let known = new Set(pids());
  const fresh = new Map<number, number>();
  const seen = new Map<Kind, number>();
  let hit = false;
  let stopped = false;

  /** True: it is known what it is. */
  function look(pid: number): boolean {
    const facts = factsOf(pid, mounts);
    if (facts === null) return true;
    if (!PASSING.test(facts.comm)) return false;
    const kind = kindOf(facts);
    // Podman's copy of itself on its way to another program.
    if (kind === KIND.podman) return false;
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    if (target !== undefined && target.kind === kind && target.nth <= count && !hit) {
      hit = killed(pid);
    }
    return true;
  }

  const watch = async () => {
    while (!stopped) {
      const now = pids();
      for (const pid of now) if (!known.has(pid)) fresh.set(pid, LOOKS);
      known = new Set(now);
      for (const [pid, left] of fresh) {
        if (look(pid) || left === 0) fresh.delete(pid);
        else fresh.set(pid, left - 1);
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  };
  const watching = watch();
  return {
    seen: () => seen,
    hit: () => hit,
    async stop() {
      stopped = true;
      await watching;
    },
  };
}

function pids(): readonly number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
}

function holderOf(host: LabHost): string {
  return host.root.split("/")[2] ?? "self";
}

/** null: it has ended, or is none of the host's. */
function factsOf(pid: number, mounts: string): ProcessFacts | null {
  try {
    if (Deno.readLinkSync(`/proc/${pid}/ns/mnt`) !== mounts) return null;
    return {
      comm: Deno.readTextFileSync(`/proc/${pid}/comm`).trim(),
      argv: Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0").filter((w) => w !== ""),
      cgroup: "",
      parent: null,
    };
  } catch {
    // It has ended.
    return null;
  }
}

function killed(pid: number): boolean {
  try {
    Deno.kill(pid, "SIGKILL");
    return true;
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return false;
    throw thrown;
  }
}
