import assert from "node:assert/strict";
import { portSetting } from "../../drivers/bridge/driver.ts";
import { createFakeBridge } from "../../drivers/bridge/fake.ts";
import type { Phase } from "../../../shared/model/verdict.ts";
import type { World } from "../../reconcile/world.ts";
import { testFirewallWorld, type TestMember } from "../firewall/world_fixture.ts";
import { createNetworkFacet, removeNetwork, wantedNetwork } from "./facet.ts";

const home = { bridge: "sk-main", podmanNetwork: "skerry-main" };
const member: TestMember = {
  project: "shop",
  service: "web",
  address: "10.200.7.2",
  networks: ["shop/default"],
};

function setUp() {
  const bridge = createFakeBridge();
  const networks = new Set<string>();
  const order: string[] = [];
  const deps = {
    home,
    bridge,
    podman: {
      async ensureNetwork({ name, bridge: device }: { name: string; bridge: string }) {
        const there = await bridge.observe({
          name: device,
          gateway: "10.200.7.1",
          prefixLength: 24,
          loopbackPorts: false,
        });
        // As Podman does.
        if (there.exists && !networks.has(name)) throw new Error("subnet already used");
        networks.add(name);
        order.push("network");
      },
      networkExists: async (name: string) => networks.has(name),
      removeNetwork: async (name: string) => void networks.delete(name),
    },
  };
  const facet = createNetworkFacet(deps);
  const signal = new AbortController().signal;
  const base = testFirewallWorld({ members: [member] });
  /** Observes, plans, does; what the verdict said. */
  const turn = async (phase: Phase = "prepare") => {
    const world: World = {
      ...base,
      seen: { ...base.seen, network: await facet.observe(base.desired, signal) },
    };
    const [planned] = facet.plan(world, 0);
    assert.ok(planned);
    const { verdict } = planned;
    if (verdict.kind !== "do") return verdict.kind;
    assert.equal(verdict.phase, phase);
    await facet.execute(verdict.step, world, signal);
    return verdict.why;
  };
  return { deps, bridge, networks, turn };
}

Deno.test("it makes the network, then the bridge, then rests", async () => {
  const { turn } = setUp();
  assert.match(await turn(), /Podman's network "skerry-main" is missing/);
  assert.equal(await turn(), "converged");
});

Deno.test("a bridge that is gone and a setting that is wrong are mended, with the reason", async () => {
  const { turn, bridge } = setUp();
  await turn();
  bridge.vanish("sk-main");
  assert.match(await turn(), /the bridge "sk-main" is missing/);
  bridge.spoil("sk-main", "net.ipv4.conf.sk-main.proxy_arp_pvlan");
  assert.match(await turn(), /"net\.ipv4\.conf\.sk-main\.proxy_arp_pvlan" is not as needed/);
  assert.equal(await turn(), "converged");
});

Deno.test("ports of containers that run are mended after others started, unless more is wrong", async () => {
  const { turn, bridge } = setUp();
  await turn();
  bridge.spoil("sk-main", portSetting("veth3"));
  assert.match(await turn("publish"), /"hairpin of veth3" is not as needed/);
  assert.equal(await turn(), "converged");
  bridge.spoil("sk-main", portSetting("veth3"));
  bridge.spoil("sk-main", "net.ipv4.conf.sk-main.proxy_arp_pvlan");
  await turn("prepare");
});

Deno.test("a bridge that outlived Podman's storage does not stand in the network's way", async () => {
  const { turn, networks } = setUp();
  await turn();
  networks.clear();
  await turn();
  assert.equal(await turn(), "converged");
});

Deno.test("loopback leads to containers only where a port is published on it", () => {
  const wantedWith = (hostAddress?: string) => {
    const port = { hostPort: 8080, containerPort: 80, protocol: "tcp" as const };
    const ports = [{ ...port, ...(hostAddress !== undefined && { hostAddress }) }];
    const { desired } = testFirewallWorld({ members: [{ ...member, ports }] });
    return wantedNetwork(desired, home).bridge.loopbackPorts;
  };
  assert.equal(wantedWith(), true);
  assert.equal(wantedWith("127.0.0.1"), true);
  assert.equal(wantedWith("198.18.0.1"), false);
  assert.equal(
    wantedNetwork(testFirewallWorld({ members: [member] }).desired, home).bridge.loopbackPorts,
    false,
  );
});

Deno.test("removal takes the network and the bridge away, twice too", async () => {
  const { turn, deps, networks, bridge } = setUp();
  await turn();
  await removeNetwork(deps);
  await removeNetwork(deps);
  assert.equal(networks.size, 0);
  const wanted = { name: "sk-main", gateway: "", prefixLength: 24, loopbackPorts: false };
  assert.equal((await bridge.observe(wanted)).exists, false);
});
