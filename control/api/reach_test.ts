import assert from "node:assert/strict";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

async function shopAndBlog() {
  const harness = await createHarness();
  const shop = testModel("shop", {
    web: testService({
      networks: { default: null, back: null },
      ports: [{ mode: "ingress", target: 8080, published: "18080", protocol: "tcp" }],
    }),
    db: testService({ networks: { back: { aliases: ["database"] } } }),
  }, {
    networks: {
      default: { name: "shop_default" },
      back: { name: "shop_back", internal: true },
    },
  });
  await harness.api.createRelease("shop", testRequest(shop));
  await harness.api.createRelease("blog", testRequest(testModel("blog", { db: testService() })));
  await harness.agent.settle();
  return harness;
}

Deno.test("names: each service with its networks and the addresses that serve", async () => {
  await using harness = await shopAndBlog();
  const { zone, items } = await harness.api.names();
  assert.equal(zone, "internal");
  assert.deepEqual(items.map((each) => each.name), [
    "db.blog.internal",
    "db.shop.internal",
    "web.shop.internal",
  ]);
  const db = items.find((each) => each.project === "shop" && each.service === "db");
  assert.deepEqual(db?.networks, [{ network: "shop/back", aliases: ["database"] }]);
  assert.deepEqual(db?.addresses.map((each) => each.serving), [true]);
});

Deno.test("names lead to whom the node says that they do, whatever its stage", async () => {
  await using harness = await shopAndBlog();
  const addresses = async () =>
    (await harness.api.names()).items.find((each) => each.name === "db.shop.internal")
      ?.addresses.map((each) => each.serving);
  const report = async (named: boolean) => {
    const deployments = harness.agent.deployments().map(({ id }) => ({
      id,
      stage: "running" as const,
      reason: null,
      health: "healthy" as const,
      container: {
        id: "a".repeat(64),
        state: "running",
        exitCode: null,
        startedAt: 1,
        finishedAt: null,
      },
      restarts: 0,
      pull: null,
      named,
    }));
    await harness.agent.report({ deployments });
  };
  await report(false);
  assert.deepEqual(await addresses(), [false]);
  await report(true);
  assert.deepEqual(await addresses(), [true]);
});

Deno.test("a look-up answers each asker as the node's DNS server does", async () => {
  await using harness = await shopAndBlog();
  const states = async (name: string, service: string | null, project = "shop") => {
    const asker = service === null ? null : { project, service };
    const { state, addresses } = await harness.api.nameAnswer(name, asker);
    return [state, ...addresses.map((each) => `${each.project}/${each.service}`)];
  };
  assert.deepEqual(await states("db", "web"), ["found", "shop/db"]);
  assert.deepEqual(await states("database", "web"), ["found", "shop/db"]);
  assert.deepEqual(await states("DB.shop.internal.", null), ["found", "shop/db"]);
  // Two projects have one: the short name leads to neither.
  assert.deepEqual(await states("db.internal", null), ["empty"]);
  // Another project's network.
  assert.deepEqual(await states("web.shop.internal", "db", "blog"), ["absent"]);
  // Only an internal network: no way out, so nothing is forwarded.
  assert.deepEqual(await states("example.org", "db"), ["absent"]);
  assert.deepEqual(await states("example.org", "web"), ["forwarded"]);
  await assert.rejects(harness.api.nameAnswer("db", { project: "shop", service: "none" }), {
    code: "not_found",
  });
});

Deno.test("a service that nothing healthy stands behind has a name without an address", async () => {
  await using harness = await shopAndBlog();
  await harness.agent.report({
    deployments: harness.agent.deployments().map(({ id }) => ({
      id,
      stage: "stopped",
      reason: null,
      health: "none",
      container: null,
      restarts: 0,
      pull: null,
    })),
  });
  const asker = { project: "shop", service: "web" };
  assert.equal((await harness.api.nameAnswer("db", asker)).state, "empty");
});

Deno.test("firewall: who shares a network, and which ports lead in", async () => {
  await using harness = await shopAndBlog();
  const { networks, published } = await harness.api.firewall();
  assert.deepEqual(
    networks.map(({ network, internal, members }) => [
      network,
      internal,
      members.map(({ project, service }) => `${project}/${service}`).sort(),
    ]),
    [
      ["blog/default", false, ["blog/db"]],
      ["shop/back", true, ["shop/db", "shop/web"]],
      ["shop/default", false, ["shop/web"]],
    ],
  );
  assert.deepEqual(
    published.map(({ service, hostPort, containerPort }) => [service, hostPort, containerPort]),
    [["web", 18080, 8080]],
  );
});
