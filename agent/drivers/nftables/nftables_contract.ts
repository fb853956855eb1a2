/** What every {@link Nftables} keeps: run over the fake and over the kernel. */
import assert from "node:assert/strict";
import type { FirewallWanted, Nftables } from "./driver.ts";

/** A wanted state with a bit of everything. */
export function sampleWanted(table: string): FirewallWanted {
  return {
    table,
    bridge: "sk-sample",
    gateway: "10.215.0.1",
    subnet: "10.215.0.0/24",
    fleetRanges: ["10.215.0.0/16", "10.100.0.0/16"],
    members: [
      { address: "10.215.0.2", networks: ["shop/default"], external: true },
      { address: "10.215.0.3", networks: ["shop/default", "shop/back"], external: true },
      { address: "10.215.0.4", networks: ["shop/back"], external: false },
      { address: "10.215.0.5", networks: [], external: false },
    ],
    published: [
      {
        hostAddress: null,
        hostPort: 8080,
        protocol: "tcp",
        address: "10.215.0.2",
        containerPort: 80,
      },
      {
        hostAddress: "127.0.0.1",
        hostPort: 5353,
        protocol: "udp",
        address: "10.215.0.3",
        containerPort: 53,
      },
    ],
    nodePorts: [
      { from: "10.215.0.2", protocol: "tcp", port: 8099 },
      { from: "10.215.0.3", protocol: "udp", port: 8099 },
    ],
  };
}

/** Registers the suite's tests. `open` gives an empty machine and a way to leave it. */
export function nftablesContract(
  kind: string,
  open: () => Promise<{ nftables: Nftables; close(): Promise<void> }>,
): void {
  const table = "skerry_contract";
  const check = (name: string, body: (nftables: Nftables) => Promise<void>) =>
    Deno.test(`nftables ${kind}: ${name}`, async () => {
      const { nftables, close } = await open();
      try {
        await body(nftables);
      } finally {
        await close();
      }
    });

  check("no table is no digest and no port", async (nftables) => {
    assert.deepEqual(await nftables.observe(table), { digest: null, published: [] });
  });

  check("what was replaced is read back", async (nftables) => {
    await nftables.replace(sampleWanted(table), "d1");
    const seen = await nftables.observe(table);
    assert.equal(seen.digest, "d1");
    assert.deepEqual([...seen.published].sort((a, b) => a.hostPort - b.hostPort), [
      { hostAddress: "127.0.0.1", hostPort: 5353, protocol: "udp" },
      { hostAddress: null, hostPort: 8080, protocol: "tcp" },
    ]);
  });

  check("a replacement may be repeated, and replaces all", async (nftables) => {
    await nftables.replace(sampleWanted(table), "d1");
    await nftables.replace(sampleWanted(table), "d1");
    await nftables.replace(
      { ...sampleWanted(table), members: [], published: [], nodePorts: [] },
      "d2",
    );
    assert.deepEqual(await nftables.observe(table), { digest: "d2", published: [] });
  });

  check("what is no address is refused and changes nothing", async (nftables) => {
    await nftables.replace(sampleWanted(table), "d1");
    const bad = { ...sampleWanted(table), gateway: "10.0.0.1; flush ruleset" };
    await assert.rejects(nftables.replace(bad, "d2"), { code: "firewall_value" });
    assert.equal((await nftables.observe(table)).digest, "d1");
  });

  check("removal leaves nothing and may be repeated", async (nftables) => {
    await nftables.replace(sampleWanted(table), "d1");
    await nftables.remove(table);
    await nftables.remove(table);
    assert.equal((await nftables.observe(table)).digest, null);
  });
}
