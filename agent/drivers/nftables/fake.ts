/** Tables in memory, with the promises of the real driver. */
import type { FirewallWanted, Nftables } from "./driver.ts";
import { renderReplace } from "./render.ts";

export interface FakeNftables extends Nftables {
  /** What was last given for a table; null: none there. */
  current(table: string): FirewallWanted | null;
  /** Another hand changes the table: its digest counts no more. */
  tamper(table: string): void;
}

/** A fake that refuses what the renderer refuses. */
export function createFakeNftables(): FakeNftables {
  const tables = new Map<string, { wanted: FirewallWanted; digest: string | null }>();
  return {
    async observe(table) {
      const held = tables.get(table);
      if (held === undefined) return { digest: null, published: [] };
      const published = held.wanted.published.map((port) => ({
        hostAddress: port.hostAddress,
        hostPort: port.hostPort,
        protocol: port.protocol,
      }));
      return { digest: held.digest, published };
    },
    async replace(wanted, digest, signal) {
      signal?.throwIfAborted();
      renderReplace(wanted, digest, "name");
      tables.set(wanted.table, { wanted, digest });
    },
    async remove(table) {
      tables.delete(table);
    },
    current: (table) => tables.get(table)?.wanted ?? null,
    tamper(table) {
      const held = tables.get(table);
      if (held !== undefined) tables.set(table, { ...held, digest: null });
    },
  };
}
