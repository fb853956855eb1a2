import assert from "node:assert/strict";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { ServiceName } from "../../shared/model/service_spec.ts";

Deno.test("several replicas that would write one volume are warned of, by an apply as by a single value", async () => {
  await using h = await createHarness();
  const service = (replicas: number, read_only: boolean) =>
    testService({
      deploy: { replicas },
      volumes: [
        { type: "volume", source: "data", target: "/data", read_only },
        { type: "bind", source: "/srv/x", target: "/x", read_only },
      ],
    });
  const volumes = { data: { name: "shop_data" } };
  const plan = async (replicas: number, readOnly: boolean) =>
    (await h.api.plan(
      "shop",
      testRequest(testModel("shop", { db: service(replicas, readOnly) }, { volumes })),
    )).warnings.filter(({ code }) => code === "replicas_write").map(({ message }) => message);
  const both = [
    'the 3 replicas of service "db" would all write the volume "data"',
    'the 3 replicas of service "db" would all write the folder "/srv/x" of the host',
  ];
  assert.deepEqual(await plan(3, false), both);
  assert.deepEqual(await plan(1, false), []);
  assert.deepEqual(await plan(3, true), []);

  await h.api.createRelease(
    "shop",
    testRequest(testModel("shop", { db: service(1, false) }, { volumes })),
  );
  const db = ServiceName.parse("db");
  const { warnings } = await h.api.planEdit("shop", {
    edits: [{ kind: "replicas", service: db, replicas: 3 }],
  });
  assert.deepEqual(
    warnings.filter(({ code }) => code === "replicas_write").map(({ message }) => message),
    both,
  );
});
