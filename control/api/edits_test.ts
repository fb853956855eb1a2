import assert from "node:assert/strict";
import { ReleaseId } from "../../shared/model/ids.ts";
import { ServiceName } from "../../shared/model/service_spec.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { ApiError } from "../../shared/api/problem.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const web = ServiceName.parse("web");

async function refusal(work: Promise<unknown>): Promise<ApiError> {
  const thrown = await work.then(() => null, (error: unknown) => error);
  assert.ok(thrown instanceof ApiError, `not refused: ${thrown}`);
  return thrown;
}

const model = testModel("shop", {
  web: testService({
    image: "web:1",
    environment: { LEVEL: "info", PRICE: "5$" },
    "x-skerry": { routes: [{ path: "/", port: 8080, tls: "both" }] },
  }),
  night: testService({
    restart: "no",
    "x-skerry": { schedule: { cron: "0 3 * * *" } },
  }),
  built: testService({ build: { context: "/srv/shop" } }),
});
const builds = { built: { imageId: "a".repeat(64), reference: "localhost/shop-built:x" } };
const request = testRequest(model);

async function shop() {
  const h = await createHarness();
  const compose = request.parts.compose;
  assert.ok(compose);
  const first = await h.api.createRelease("shop", { parts: { compose: { ...compose, builds } } });
  await h.agent.settle();
  return { h, first };
}

async function images(h: Awaited<ReturnType<typeof createHarness>>): Promise<string[]> {
  await h.agent.fetch();
  return h.agent.deployments().filter(({ serviceName, want }) =>
    serviceName === "web" && want === "run"
  ).map((each) => each.image.reference);
}

Deno.test("single values are told, changed, and the rest stays as it was released", async () => {
  const { h, first } = await shop();
  await using _h = h;
  const before = await h.api.editable("shop");
  assert.equal(before.release, first.id);
  assert.deepEqual(before.services.find((each) => each.service === "web"), {
    service: "web",
    image: "web:1",
    replicas: 1,
    variables: ["LEVEL", "PRICE"],
    cron: null,
  });
  const edits = [
    { kind: "image" as const, service: web, image: "web:2" },
    { kind: "variable" as const, service: web, name: "LEVEL", value: "debug" },
    { kind: "replicas" as const, service: web, replicas: 2 },
    { kind: "schedule" as const, service: ServiceName.parse("night"), cron: "30 4 * * *" },
  ];
  const plan = await h.api.planEdit("shop", { edits, parent: before.release });
  assert.deepEqual(
    plan.services.filter((each) => each.change !== "unchanged").map((each) => each.service),
    ["night", "web"],
  );
  assert.deepEqual(await images(h), ["web:1"], "a plan changes nothing");
  const { changes } = await h.api.edit("shop", { edits, parent: before.release });
  assert.ok(changes);
  await h.agent.settle();
  assert.deepEqual(await images(h), ["web:2", "web:2"]);
  const deployment = h.agent.deployments().find((each) =>
    each.serviceName === "web" && each.want === "run"
  );
  assert.deepEqual(JSON.parse(h.agent.unseal(deployment?.sealedEnvironment ?? "")), {
    LEVEL: "debug",
    PRICE: "5$",
  });
  const after = await h.api.editable("shop");
  assert.deepEqual(
    after.services.map(({ service, replicas, cron }) => [service, replicas, cron]),
    [["built", 1, null], ["night", 1, "30 4 * * *"], ["web", 2, null]],
  );
});

Deno.test("without edits a project goes back to an earlier release", async () => {
  const { h, first } = await shop();
  await using _h = h;
  await h.api.edit("shop", { edits: [{ kind: "image", service: web, image: "web:2" }] });
  await h.agent.settle();
  assert.deepEqual(await images(h), ["web:2"]);
  await h.api.edit("shop", { from: first.id, edits: [] });
  await h.agent.settle();
  assert.deepEqual(await images(h), ["web:1"]);
});

Deno.test("a repeat with one Idempotency-Key is one release", async () => {
  const { h } = await shop();
  await using _h = h;
  const asked = { edits: [{ kind: "image" as const, service: web, image: "web:2" }] };
  const [one, two] = [await h.api.edit("shop", asked, "k"), await h.api.edit("shop", asked, "k")];
  assert.equal(one.id, two.id);
});

Deno.test("what cannot be is refused with its reason, and nothing changes", async () => {
  const { h, first } = await shop();
  await using _h = h;
  const cases: [Parameters<typeof h.api.edit>[1], string][] = [
    [
      { edits: [{ kind: "image", service: ServiceName.parse("none"), image: "a:1" }] },
      "no service",
    ],
    [{ edits: [{ kind: "image", service: web, image: "NOT an image" }] }, "image"],
    [{ edits: [{ kind: "image", service: ServiceName.parse("built"), image: "a:1" }] }, "built"],
    [{ edits: [{ kind: "schedule", service: web, cron: "0 3 * * *" }] }, "clock"],
    [
      { edits: [{ kind: "schedule", service: ServiceName.parse("night"), cron: "61 * * * *" }] },
      "61",
    ],
    [{ from: ReleaseId.parse(`rel_${"a".repeat(26)}`), edits: [] }, "no release"],
  ];
  for (const [asked, word] of cases) {
    const problem = await refusal(h.api.edit("shop", asked));
    assert.ok(problem.message.includes(word), `${problem.message} lacks "${word}"`);
  }
  await h.api.edit("shop", { edits: [{ kind: "replicas", service: web, replicas: 2 }] });
  const stale = await refusal(h.api.edit("shop", {
    parent: first.id,
    edits: [{ kind: "replicas", service: web, replicas: 3 }],
  }));
  assert.equal(stale.problem.code, "stale_parent");
});

Deno.test("of a deleted project nothing can be edited, and an earlier release brings it back", async () => {
  const { h, first } = await shop();
  await using _h = h;
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  const problem = await refusal(h.api.editable("shop"));
  assert.equal(problem.problem.code, "nothing_released");
  await h.api.edit("shop", { from: first.id, edits: [] });
  await h.agent.settle();
  assert.deepEqual(await images(h), ["web:1"]);
});

Deno.test("a restart makes each container anew, once, and leaves the next apply nothing to do", async () => {
  const { h } = await shop();
  await using _h = h;
  await h.api.edit("shop", { edits: [{ kind: "replicas", service: web, replicas: 2 }] });
  await h.agent.settle();
  const running = async () => {
    await h.agent.fetch();
    return h.agent.deployments().filter(({ serviceName, want }) =>
      serviceName === "web" && want === "run"
    ).map(({ id, specHash }) => ({ id, specHash }));
  };
  const before = await running();
  const asked = { edits: [{ kind: "restart" as const, service: web }] };
  const plan = await h.api.planEdit("shop", asked);
  const changed = plan.services.filter((each) => each.change !== "unchanged");
  assert.deepEqual(changed.map(({ service, order }) => [service, order]), [["web", "beside"]]);
  assert.deepEqual(await running(), before, "a plan does nothing");
  const { id } = await h.api.edit("shop", asked);
  await h.agent.settle();
  assert.equal((await h.api.release(id)).state, "done");
  const after = await running();
  assert.equal(after.length, 2);
  assert.ok(after.every((each) => before.every((one) => one.id !== each.id)));
  assert.deepEqual(new Set(after.map((each) => each.specHash)), new Set([before[0]?.specHash]));
  assert.equal((await h.api.planEdit("shop", { edits: [] })).changes, false);
  const { changes } = await h.api.look(ENDPOINTS.describeService, {
    params: { name: "shop", service: "web" },
  });
  assert.equal(changes[0]?.summary, "web restarted");
});

Deno.test("a restart that does not come up leaves the old ones serving", async () => {
  const { h } = await shop();
  await using _h = h;
  h.agent.fates.set("web", "fails");
  const { id } = await h.api.edit("shop", { edits: [{ kind: "restart", service: web }] });
  await h.agent.settle();
  assert.equal((await h.api.release(id)).state, "rolled_back");
  const [service] = (await h.api.services("shop")).filter(({ name }) => name === "web");
  assert.equal(service?.slots.wanted, 1);
});

Deno.test("what has no containers of its own cannot be restarted", async () => {
  const { h } = await shop();
  await using _h = h;
  const restart = (name: string) =>
    refusal(h.api.edit("shop", {
      edits: [{ kind: "restart", service: ServiceName.parse(name) }],
    }));
  assert.match((await restart("night")).message, /no container between its runs/);
  assert.match((await restart("none")).message, /no service "none"/);
  await h.api.edit("shop", { edits: [{ kind: "replicas", service: web, replicas: 0 }] });
  await h.agent.settle();
  assert.match((await restart("web")).message, /scaled to 0/);
});
