import assert from "node:assert/strict";
import { createLab } from "../../../scripts/e2e/lab/lab.ts";
import { requirePrograms } from "../../../scripts/e2e/lab/leftovers.ts";
import { createBridge } from "./bridge.ts";
import { bridgeContract, WANTED } from "./bridge_contract.ts";

async function openHost() {
  await requirePrograms({ ip: "iproute2" });
  const lab = await createLab({ hosts: [{ name: "box", links: [] }] });
  const host = lab.host("box");
  const bridge = createBridge({ run: host.runCommand, settings: host.settings });
  return { lab, host, bridge };
}

bridgeContract("kernel", async () => {
  const { lab, bridge } = await openHost();
  return { bridge, close: () => lab.close() };
});

Deno.test("bridge kernel: what another hand spoils is seen and mended", async () => {
  const { lab, host, bridge } = await openHost();
  await using _lab = lab;
  await bridge.ensure(WANTED);
  await host.must(["ip", "link", "delete", "sk-sample-a"]);
  assert.equal((await bridge.observe(WANTED)).carrier, false);
  await host.must(["ip", "address", "flush", "dev", "sk-sample"]);
  assert.equal((await bridge.observe(WANTED)).gatewayAssigned, false);
  await host.settings.write("net/ipv4/conf/sk-sample/proxy_arp_pvlan", "0");
  assert.deepEqual((await bridge.observe(WANTED)).wrongSettings, [
    "net.ipv4.conf.sk-sample.proxy_arp_pvlan",
  ]);
  await bridge.ensure(WANTED);
  assert.deepEqual(await bridge.observe(WANTED), {
    exists: true,
    gatewayAssigned: true,
    carrier: true,
    wrongSettings: [],
  });
});

Deno.test("bridge kernel: an interface of that name that is no bridge is left alone", async () => {
  const { lab, host, bridge } = await openHost();
  await using _lab = lab;
  await host.must(["ip", "link", "add", "sk-sample", "type", "veth"]);
  await assert.rejects(bridge.ensure(WANTED), { code: "bridge_name_taken" });
});
