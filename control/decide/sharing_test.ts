import assert from "node:assert/strict";
import { ApiError } from "../../shared/api/problem.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { networkHosts, ownerOf, sharesOf } from "./sharing.ts";

const sharer = (over = {}) =>
  testService({ network_mode: "service:vpn", networks: {}, container_name: "the-app", ...over });
const project = (services: Parameters<typeof testModel>[1]) =>
  testRequest(testModel("shop", services, {
    networks: { default: { name: "shop_default" }, side: { name: "shop_side" } },
  }));
const vpn = (over = {}) =>
  testService({
    networks: { side: { aliases: ["out"] } },
    ports: [{ mode: "ingress", target: 80, published: "8091", protocol: "tcp" }],
    ...over,
  });

Deno.test("whose a namespace is in the end: through others, the host's, nobody's", () => {
  const model = testModel("p", {
    a: testService({ network_mode: "service:b", networks: {} }),
    b: testService({ network_mode: "service:c", networks: {}, pid: "service:onhost" }),
    c: testService(),
    onhost: testService({ network_mode: "host", networks: {}, pid: "host" }),
    d: testService({ network_mode: "service:onhost", networks: {}, ipc: "service:c" }),
  });
  assert.equal(ownerOf(model, "a", "network").name, "c");
  assert.deepEqual(sharesOf(model, "a"), { network: "c" });
  assert.equal(sharesOf(model, "b")?.pid, undefined, "the host's own");
  assert.deepEqual(sharesOf(model, "d"), { ipc: "c" });
  assert.equal(sharesOf(model, "c"), undefined);
  assert.deepEqual([...networkHosts(model)], ["c"]);
});

Deno.test("a sharer has no address, is on its host's networks, and is waited for when its host is replaced", async () => {
  await using h = await createHarness();
  h.link.images.set("docker.io/library/web:1", { digest: null, id: "1".repeat(64), volumes: [] });
  await h.api.createRelease("shop", project({ vpn: vpn(), app: sharer() }));
  await h.agent.settle();
  const sections = h.agent.sections();
  const told = sections.flatMap((each) => each.capability === "containers" ? each.deployments : []);
  const of = (name: string) => told.find((each) => each.serviceName === name);
  assert.equal(of("vpn")?.addresses.length, 1);
  // What it publishes is its sharer's, which starts after it.
  assert.deepEqual(of("vpn")?.spec.health, { kind: "none", probePort: null });
  assert.deepEqual(of("app")?.addresses, []);
  assert.deepEqual(of("app")?.spec.shares, { network: "vpn" });
  const network = { network: "shop/side", aliases: ["the-app"] };
  assert.deepEqual(of("app")?.spec.networks, [network]);
  const named = sections.flatMap((each) => each.capability === "names" ? each.services : []);
  assert.deepEqual(named.find(({ name }) => name === "app")?.networks, [network]);

  const changed = project({ vpn: vpn({ environment: { A: "2" } }), app: sharer() });
  const plan = await h.api.plan("shop", changed);
  assert.deepEqual(plan.services.map(({ service, change }) => [String(service), change]), [
    ["app", "unchanged"],
    ["vpn", "changed"],
  ]);
  assert.deepEqual(plan.warnings.map(({ code }) => code), ["follows"]);
  assert.match(plan.warnings[0]?.message ?? "", /"app" are made anew after that of "vpn"/);

  const own = await h.api.plan("shop", project({ vpn: vpn(), app: sharer({ user: "1" }) }));
  const app = own.services.find((each) => String(each.service) === "app");
  assert.equal(app?.order, "stop_first");
  assert.match(app?.orderReason ?? "", /the ports of "vpn", whose network they share/);
});

Deno.test("a namespace that nobody has, or that several have, is refused", async () => {
  await using h = await createHarness();
  for (
    const services of [
      { app: sharer() },
      { vpn: vpn({ deploy: { replicas: 2 }, ports: [] }), app: sharer() },
    ]
  ) {
    const thrown = await h.api.plan("shop", project(services)).then(() => null, (error) => error);
    assert.ok(thrown instanceof ApiError);
    assert.deepEqual(thrown.problem.errors?.map(({ code }) => code), ["share_impossible"]);
  }
});
