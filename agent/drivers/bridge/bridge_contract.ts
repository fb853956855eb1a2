/** What every {@link Bridge} keeps: run over the fake and over the kernel. */
import assert from "node:assert/strict";
import type { Bridge, BridgeWanted } from "./driver.ts";

/** A bridge as tests want it. */
export const WANTED: BridgeWanted = {
  name: "sk-sample",
  gateway: "10.215.0.1",
  prefixLength: 24,
  loopbackPorts: true,
};
const GOOD = { exists: true, gatewayAssigned: true, carrier: true, wrongSettings: [] };

/** Registers the suite's tests. `open` gives an empty machine and a way to leave it. */
export function bridgeContract(
  kind: string,
  open: () => Promise<{ bridge: Bridge; close(): Promise<void> }>,
): void {
  const check = (name: string, body: (bridge: Bridge) => Promise<void>) =>
    Deno.test(`bridge ${kind}: ${name}`, async () => {
      const { bridge, close } = await open();
      try {
        await body(bridge);
      } finally {
        await close();
      }
    });

  check("nothing is there at first", async (bridge) => {
    assert.deepEqual(await bridge.observe(WANTED), {
      exists: false,
      gatewayAssigned: false,
      carrier: false,
      wrongSettings: [],
    });
  });

  check("it is as wanted after ensure, which may be repeated", async (bridge) => {
    await bridge.ensure(WANTED);
    assert.deepEqual(await bridge.observe(WANTED), GOOD);
    await bridge.ensure(WANTED);
    assert.deepEqual(await bridge.observe(WANTED), GOOD);
  });

  check("another gateway or setting is seen and followed", async (bridge) => {
    await bridge.ensure(WANTED);
    const other = { ...WANTED, gateway: "10.215.1.1", loopbackPorts: false };
    const seen = await bridge.observe(other);
    assert.equal(seen.gatewayAssigned, false);
    assert.deepEqual(seen.wrongSettings, ["net.ipv4.conf.sk-sample.route_localnet"]);
    await bridge.ensure(other);
    assert.deepEqual(await bridge.observe(other), GOOD);
  });

  check("removal leaves nothing and may be repeated", async (bridge) => {
    await bridge.ensure(WANTED);
    await bridge.remove(WANTED.name);
    await bridge.remove(WANTED.name);
    assert.equal((await bridge.observe(WANTED)).exists, false);
  });
}
