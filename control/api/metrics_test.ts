import assert from "node:assert/strict";
import { ApiError } from "../../shared/api/problem.ts";
import { NO_VALUES } from "../../shared/model/metrics.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

async function withShop() {
  const h = await createHarness();
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService({}) })));
  const project = (await h.api.projects())[0];
  assert.ok(project);
  return { h, project };
}

Deno.test("a service's metrics are asked of its node, the last hour without a word", async () => {
  const { h, project } = await withShop();
  await using _closing = h;
  const view = await h.api.serviceMetrics("shop", "web");
  const [asked] = h.link.metricsAsked;
  assert.ok(asked);
  assert.deepEqual(asked.subject, { kind: "service", project: project.id, service: "web" });
  assert.equal(asked.to - asked.from, 3_600_000);
  assert.equal(asked.points, 360);
  assert.equal(view.series[0]?.labels.slot, "1");
  assert.equal(view.series[0]?.points[0], null);
});

Deno.test("a node is known by its name, and a range is as it was asked", async () => {
  const { h } = await withShop();
  await using _closing = h;
  const [node] = await h.api.nodes();
  assert.ok(node);
  const range = { from: 1_000, to: 61_000, points: 6 };
  const view = await h.api.nodeMetrics(node.name, range);
  assert.deepEqual(h.link.metricsAsked[0], { subject: { kind: "node" }, ...range });
  assert.deepEqual(view.series[0]?.labels, {});
});

Deno.test("what there is not, and what is no range, is told", async () => {
  const { h } = await withShop();
  await using _closing = h;
  const status = (asked: Promise<unknown>) =>
    asked.then(() => 200, (thrown) => thrown instanceof ApiError ? thrown.status : thrown);
  assert.equal(await status(h.api.nodeMetrics("other")), 404);
  assert.equal(await status(h.api.serviceMetrics("shop", "db")), 404);
  assert.equal(await status(h.api.serviceMetrics("other", "web")), 404);
  assert.equal(await status(h.api.serviceMetrics("shop", "web", { from: 5, to: 5 })), 400);
  assert.equal(await status(h.api.serviceMetrics("shop", "web", { points: -1 })), 400);
});

Deno.test("the latest values name projects, and those that are asked for alone", async () => {
  const { h, project } = await withShop();
  await using _closing = h;
  const bounds = { cpu: 1, memory: 64, disk_used: null };
  const container = { service: "web", slot: 1, values: { ...NO_VALUES, cpu: 0.5 }, bounds };
  h.link.latestNow = {
    ...h.link.latestNow,
    at: 7,
    containers: [{ ...container, project: project.id, projectName: "shop" }],
  };
  const all = await h.api.latestMetrics();
  assert.equal(all.at, 7);
  assert.deepEqual(all.containers, [{ ...container, project: "shop" }]);
  assert.deepEqual((await h.api.latestMetrics("wiki")).containers, []);
});
