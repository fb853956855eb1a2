import assert from "node:assert/strict";
import { ApiError } from "../../shared/api/problem.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

async function faultsOf(work: Promise<unknown>): Promise<string[]> {
  const thrown = await work.then(() => null, (error: unknown) => error);
  assert.ok(thrown instanceof ApiError, `not refused: ${thrown}`);
  return thrown.problem.errors?.map((each) => each.code) ?? [thrown.code];
}

const routed = (project: string, host: string, path: string) =>
  testRequest(testModel(project, {
    web: testService({ "x-skerry": { routes: [{ host, path, port: 8080, tls: "both" }] } }),
  }));

Deno.test("a route that another project has is not taken from it", async () => {
  await using h = await createHarness();
  await h.api.createRelease("shop", routed("shop", "shop.test", "/api"));
  for (const [host, path] of [["shop.test", "/api"], ["shop.test", "/api/"]] as const) {
    const thief = h.api.createRelease("thief", routed("thief", host, path));
    assert.deepEqual(await faultsOf(thief), ["route_taken"]);
  }
  assert.equal((await h.api.plan("thief", routed("thief", "shop.test", "/"))).warnings.length, 0);
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  await h.api.createRelease("thief", routed("thief", "shop.test", "/api"));
});

const onVolume = (project: string, name: string, external: boolean) =>
  testRequest(testModel(project, {
    web: testService({ volumes: [{ type: "volume", source: "data", target: "/data" }] }),
  }, { volumes: { data: external ? { name, external } : { name } } }));

Deno.test("a volume that two projects share outlives the purge of one, and is not removed by one", async () => {
  await using h = await createHarness();
  await h.api.createRelease("shop", onVolume("shop", "shop_data", false));
  await h.api.createRelease("other", onVolume("other", "skerry-test-shop.data", true));
  await h.agent.settle();
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  assert.deepEqual(await faultsOf(h.api.deleteVolume("shop", "data")), ["volume_in_use"]);
  await h.api.createRelease("other", { parts: {}, purge: "other" });
  await h.agent.settle();
  assert.deepEqual((await h.api.volumes()).map((each) => each.project), ["shop"]);
  assert.deepEqual(h.link.removed, []);
});

Deno.test("a purge leaves the data of external volumes, which it did not make", async () => {
  await using h = await createHarness();
  await h.api.createRelease("shop", onVolume("shop", "made_by_hand", true));
  await h.agent.settle();
  await h.api.createRelease("shop", { parts: {}, purge: "shop" });
  await h.agent.settle();
  assert.deepEqual(await h.api.volumes(), []);
  assert.deepEqual(h.link.removed, []);
});

Deno.test("a part of a volume is not silently the whole", async () => {
  await using h = await createHarness();
  const model = testModel("shop", {
    web: testService({
      volumes: [{ type: "volume", source: "data", target: "/data", volume: { subpath: "web" } }],
    }),
  }, { volumes: { data: { name: "shop_data" } } });
  const applied = h.api.createRelease("shop", testRequest(model));
  assert.deepEqual(await faultsOf(applied), ["subpath_not_carried_out"]);
});

Deno.test("capabilities that undo the separation are told, and no others", async () => {
  await using h = await createHarness();
  const plan = await h.api.plan(
    "shop",
    testRequest(testModel("shop", {
      tap: testService({ cap_add: ["CAP_net_raw", "NET_ADMIN", "CHOWN"] }),
      root: testService({ cap_add: ["ALL"] }),
      web: testService({ cap_add: ["NET_BIND_SERVICE"] }),
    })),
  );
  assert.deepEqual(plan.warnings.map((each) => [each.code, each.message.split(":")[0]]), [
    ["capability_of_host", 'service "root" has ALL'],
    ["capability_of_network", 'service "tap" has NET_RAW, NET_ADMIN'],
  ]);
});

Deno.test("nocopy of a volume reaches the container, and the plan tells the change", async () => {
  await using h = await createHarness();
  const model = (nocopy: boolean) =>
    testRequest(testModel("shop", {
      web: testService({
        volumes: [{
          type: "volume",
          source: "data",
          target: "/data",
          ...(nocopy ? { volume: { nocopy } } : {}),
        }],
      }),
    }, { volumes: { data: { name: "shop_data" } } }));
  await h.api.createRelease("shop", model(false));
  await h.agent.settle();
  const plan = await h.api.plan("shop", model(true));
  assert.deepEqual(plan.services[0]?.fields, [{
    field: "mount /data",
    old: "volume data:/data",
    new: "volume data:/data (nocopy)",
  }]);
});

Deno.test("a port's name reaches the node's names; a service without one is as before", async () => {
  await using h = await createHarness();
  const port = { mode: "ingress", target: 8080, published: "8080", protocol: "tcp" } as const;
  await h.api.createRelease(
    "shop",
    testRequest(testModel("shop", {
      web: testService({ ports: [{ ...port, name: "http" }], expose: ["8080", "9000"] }),
      api: testService({ expose: ["9000"] }),
    })),
  );
  await h.agent.settle();
  const names = h.agent.sections().find((each) => each.capability === "names");
  assert.deepEqual(names?.services.map((each) => each.ports).sort((a, b) => a.length - b.length), [
    [{ port: 9000, protocol: "tcp" }],
    [{ port: 8080, protocol: "tcp", name: "http" }, { port: 9000, protocol: "tcp" }],
  ]);
});
