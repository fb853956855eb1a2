import assert from "node:assert/strict";
import { silentLog } from "../../../shared/log.ts";
import { createManualClock } from "../../drivers/podman/manual_clock.ts";
import { createFakeResolved } from "../../drivers/resolved/fake.ts";
import type { DnsStatus } from "../dns/loop.ts";
import { answeredZone, createHostNames } from "./loop.ts";

const LINK = "sk-main-r";
const wanted = { link: LINK, zone: "internal", port: 7453 };

function answering(zone = "internal", port = 7453) {
  const config = {
    zone,
    ttlSeconds: 5,
    listen: [{ hostname: "127.0.0.1", port }, { hostname: "10.200.7.1", port: 53 }],
    subnet: "10.200.7.0/24",
    upstreams: [],
    hosts: [],
  };
  const status: Pick<DnsStatus, "alive" | "served" | "problems"> = {
    alive: true,
    served: { config, at: 0 },
    problems: [],
  };
  return status;
}

function setup() {
  const clock = createManualClock();
  const resolved = createFakeResolved();
  const state = { dns: answering(), changes: 0 };
  const names = createHostNames({
    resolved,
    link: LINK,
    port: 7453,
    dns: () => state.dns,
    clock,
    log: silentLog,
    onChange: () => void state.changes++,
  });
  const stop = new AbortController();
  const running = names.run(stop.signal);
  const settled = async () => {
    for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return {
    resolved,
    state,
    names,
    async pass(ms: number) {
      await settled();
      clock.advance(ms);
      await settled();
    },
    async end() {
      stop.abort();
      await running;
      await names.close();
    },
  };
}

const led = { running: true, led: true };

Deno.test("where resolved runs the host is led, whatever befalls it, until the end", async () => {
  const { resolved, pass, end } = setup();
  await pass(30_000);
  assert.deepEqual(resolved.links(), [], "without resolved nothing is made");
  await resolved.start();
  await pass(30_000);
  assert.deepEqual(await resolved.observe(wanted), led);
  await resolved.stop(false);
  await resolved.start();
  await pass(30_000);
  assert.deepEqual(await resolved.observe(wanted), led, "it forgot all");
  await resolved.revert(LINK);
  await pass(30_000);
  assert.deepEqual(await resolved.observe(wanted), led, "another hand");
  await end();
  assert.deepEqual(resolved.links(), []);
});

Deno.test("nobody is led to a server that does not answer the host", async () => {
  const { resolved, state, pass, end } = setup();
  await resolved.start();
  state.dns = { ...answering(), served: null };
  await resolved.remove(LINK);
  await pass(30_000);
  await pass(30_000);
  state.dns = answering("plant.example");
  await pass(1_000);
  assert.deepEqual(await resolved.observe({ ...wanted, zone: "plant.example" }), led);
  await end();
});

Deno.test("the zone counts as answered only where the host's own socket is bound", () => {
  assert.equal(answeredZone(answering(), 7453), "internal");
  assert.equal(answeredZone(answering("internal", 7999), 7453), null, "the port of before");
  assert.equal(answeredZone({ ...answering(), alive: false }, 7453), null);
  const problem = (address: string) => [{ address, code: "AddrInUse", message: "taken" }];
  const taken = { ...answering(), problems: problem("127.0.0.1:7453") };
  assert.equal(answeredZone(taken, 7453), null);
  const bridge = { ...answering(), problems: problem("10.200.7.1:53") };
  assert.equal(answeredZone(bridge, 7453), "internal");
});

Deno.test("what resolved refuses is told once with the way out, and told no more when it is over", async () => {
  const { resolved, state, names, pass, end } = setup();
  await resolved.start();
  resolved.refuse(true);
  await pass(30_000);
  await pass(30_000);
  const [verdict] = names.verdicts();
  assert.equal(verdict?.kind, "blocked");
  assert.match(verdict?.remedy ?? "", /skerry doctor/);
  assert.equal(state.changes, 1);
  resolved.refuse(false);
  await pass(30_000);
  assert.deepEqual(names.verdicts(), []);
  await end();
});
