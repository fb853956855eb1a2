/** Our two tables in the kernel, by the `nft` program: text on standard input, JSON back. */
import type { RunCommand } from "../../../shared/command.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { FirewallWanted, Nftables, TablesSeen } from "./driver.ts";
import { type ListedTable, parseListing, sealOf } from "./parse.ts";
import { type BridgeMatch, renderRemove, renderReplace, renderSeal } from "./render.ts";

export interface NftablesDeps {
  readonly run: RunCommand;
  /** The program; default `nft` from PATH. */
  readonly nft?: string;
}

/** Errors: `firewall_rejected` (the kernel refused rules), `nft_output`, and those of `run`. */
export function createNftables(deps: NftablesDeps): Nftables {
  const nft = deps.nft ?? "nft";

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

  async function both(table: string, signal?: AbortSignal) {
    const inet = await list("inet", table, signal);
    const bridge = await list("bridge", table, signal);
    return inet === null || bridge === null ? null : { inet, bridge };
  }

  return {
    async observe(table, signal): Promise<TablesSeen> {
      const listed = await both(table, signal);
      if (listed === null) return { digest: null, published: [] };
      const { inet, bridge } = listed;
      const intact = inet.seal !== null && inet.seal === sealOf(inet, bridge);
      return { digest: intact ? inet.digest : null, published: inet.published };
    },

    async replace(wanted: FirewallWanted, digest, signal) {
      const attempt = (match: BridgeMatch) => load(renderReplace(wanted, digest, match), signal);
      let problem = await attempt("name");
      if (problem !== null && problem.includes("ibrname")) problem = await attempt("addresses");
      if (problem !== null) throw rejected(`cannot replace the table "${wanted.table}"`, problem);
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

function rejected(what: string, stderr: string): SkerryError {
  const line = stderr.split("\n").find((text) => text.trim() !== "")?.slice(0, 300);
  return new SkerryError(
    "firewall_rejected",
    `${what}${line === undefined ? "" : `: nft says: ${line}`}`,
    'check that nftables works on this machine: run "nft list tables" as root',
  );
}
