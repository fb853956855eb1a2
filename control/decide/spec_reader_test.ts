import { ok, strictEqual } from "node:assert/strict";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { ApiError } from "../../shared/api/problem.ts";

const bare: Parameters<typeof testService>[0] = { networks: {}, network_mode: "none" };

/** One service that matters, and so many beside it; none takes an address. */
function project(count: number, over: Parameters<typeof testService>[0] = {}) {
  const web = testService({ ...bare, ...over });
  const others = Array.from(
    { length: count },
    (_, index) => [`s${index}`, testService({ ...bare, init: index % 2 === 0 })] as const,
  );
  return testRequest(testModel("shop", { web, ...Object.fromEntries(others) }, { networks: {} }));
}

Deno.test("a service is the same beside one and beside hundreds of others", async () => {
  await using h = await createHarness();
  await h.api.createRelease("shop", project(1));
  const plan = await h.api.plan("shop", project(300));
  const unchanged = plan.services.filter(({ change }) => change === "unchanged")
    .map(({ service }) => service);
  strictEqual(unchanged.join(), "s0,web");
  strictEqual(plan.services.length, 301);
});

Deno.test("what is wrong with a service is told beside hundreds of others", async () => {
  await using h = await createHarness();
  for (const count of [1, 300]) {
    const refused = await h.api.plan(
      "shop",
      project(count, { working_dir: "/x", mac_address: "no" }),
    )
      .then(() => null, (thrown) => thrown);
    ok(refused instanceof ApiError);
    const [fault] = refused.problem.errors ?? [];
    strictEqual(fault?.code, "spec_invalid");
    ok(fault?.detail.includes(`service "web"`) && fault.detail.includes("macAddress"));
  }
});
