/** Our two tables in the kernel, by the `nft` program: text on standard input, JSON back. */
import type { RunCommand } from "../../../shared/command.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { FirewallWanted, Nftables, PublishedWanted, TablesSeen } from "./driver.ts";
import { type ListedTable, parseListing, type PublishedLine, sealOf } from "./parse.ts";
import { type BridgeMatch, renderRemove, renderReplace, renderSeal } from "./render.ts";

export interface NftablesDeps {
  readonly run: RunCommand;
  /** The program; default `nft` from PATH. */
  readonly nft?: string;
  /** The program that forgets UDP flows of moved ports; default `conntrack` from PATH, may be missing. */
  readonly conntrack?: string;
}

/** Errors: `firewall_rejected` (the kernel refused rules), `nft_output`, and those of `run`. */
export function createNftables(deps: NftablesDeps): Nftables {
  const nft = deps.nft ?? "nft";
  /** What this kernel takes; a refused try costs as much as one that is taken. */
  let match: BridgeMatch = "name";
  /** Published lines of each table as last listed. */
  const lines = new Map<string, readonly PublishedLine[]>();

  async function list(
    family: "inet" | "bridge",
    table: string,
    signal?: AbortSignal,
  ): Promise<ListedTable | null> {
    const argv = [nft, "-j", "list", "table", family, table];
    const { code, stdout, stderr } = await deps.run(argv, { ...(signal && { signal }) });
    if (code === 0) return parseListing(stdout);
    if (stderr.includes("No such file or directory")) return null;
    throw rejected(`cannot list the table "${family} ${table}"`, stderr);
  }

  async function load(text: string, signal?: AbortSignal): Promise<string | null> {
    const argv = [nft, "-f", "-"];
    const { code, stderr } = await deps.run(argv, { stdin: text, ...(signal && { signal }) });
    return code === 0 ? null : stderr;
  }

  /**
   * A sender that never pauses would keep its old way for ever, into the address of a container that
   * is gone: the kernel decides on DNAT once a flow. TCP connections are left to end by themselves.
   */
  async function forgetFlows(
    before: readonly PublishedLine[],
    now: readonly PublishedWanted[],
    signal?: AbortSignal,
  ): Promise<void> {
    const kept = new Set(now.map(lineOf));
    for (const port of before) {
      if (port.protocol !== "udp" || kept.has(lineOf(port))) continue;
      const argv = [
        ...[deps.conntrack ?? "conntrack", "-D", "-p", "udp"],
        ...["--orig-port-dst", String(port.hostPort), "--reply-src", port.address],
      ];
      try {
        // It ends with 1 where there was no such flow.
        await deps.run(argv, { ...(signal && { signal }) });
      } catch (thrown) {
        // Without the program flows move over after 30 s to 2 min of silence.
        if (!(thrown instanceof SkerryError) || thrown.code !== "program_missing") throw thrown;
      }
    }
  }

  async function both(table: string, signal?: AbortSignal) {
    const [inet, bridge] = await Promise.all([
      list("inet", table, signal),
      list("bridge", table, signal),
    ]);
    lines.set(table, inet?.published ?? []);
    return inet === null || bridge === null ? null : { inet, bridge };
  }

  return {
    async observe(table, signal): Promise<TablesSeen> {
      const listed = await both(table, signal);
      if (listed === null) return { digest: null, published: [] };
      const { inet, bridge } = listed;
      const intact = inet.seal !== null && inet.seal === sealOf(inet, bridge);
      const published = inet.published.map(({ hostAddress, hostPort, protocol }) => (
        { hostAddress, hostPort, protocol }
      ));
      return { digest: intact ? inet.digest : null, published };
    },

    async replace(wanted: FirewallWanted, digest, signal) {
      const before = lines.get(wanted.table) ??
        (await list("inet", wanted.table, signal))?.published ?? [];
      const attempt = () => load(renderReplace(wanted, digest, match), signal);
      let problem = await attempt();
      if (problem !== null && match === "name" && problem.includes("ibrname")) {
        match = "addresses";
        problem = await attempt();
      }
      if (problem !== null) throw rejected(`cannot replace the table "${wanted.table}"`, problem);
      await forgetFlows(before, wanted.published, signal);
      // A crash before the seal leaves the rules in force; they are then written once more.
      const listed = await both(wanted.table, signal);
      if (listed === null) throw rejected(`the table "${wanted.table}" is gone again`, "");
      const unsealed = await load(
        renderSeal(wanted.table, sealOf(listed.inet, listed.bridge)),
        signal,
      );
      if (unsealed !== null) throw rejected(`cannot seal the table "${wanted.table}"`, unsealed);
    },

    async remove(table, signal) {
      const problem = await load(renderRemove(table), signal);
      if (problem !== null) throw rejected(`cannot remove the table "${table}"`, problem);
    },
  };
}

function lineOf(port: PublishedWanted): string {
  return [port.hostAddress, port.hostPort, port.protocol, port.address, port.containerPort].join();
}

function rejected(what: string, stderr: string): SkerryError {
  const line = stderr.split("\n").find((text) => text.trim() !== "")?.slice(0, 300);
  return new SkerryError(
    "firewall_rejected",
    `${what}${line === undefined ? "" : `: nft says: ${line}`}`,
    'check that nftables works on this machine: run "nft list tables" as root',
  );
}
