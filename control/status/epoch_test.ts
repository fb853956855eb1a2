import assert from "node:assert/strict";
import { EpochId } from "../../shared/model/ids.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { createHarness } from "../testing/harness.ts";
import { holdsMore } from "./epoch.ts";

const a = EpochId.parse(`ep_${"a".repeat(26)}`);
const b = EpochId.parse(`ep_${"b".repeat(26)}`);
const own = { epoch: { n: 3, id: a }, revision: 7 };

Deno.test("what a node may hold, and what another life must have told it", () => {
  const cases: [number, typeof a, number, boolean][] = [
    [3, a, 7, false],
    [3, a, 6, false],
    [2, b, 99, false],
    [3, a, 8, true],
    [3, b, 1, true],
    [4, b, 1, true],
  ];
  for (const [n, id, revision, expected] of cases) {
    assert.equal(
      holdsMore({ epoch: { n, id }, revision }, own),
      expected,
      `${n} ${id} ${revision}`,
    );
  }
  assert.equal(holdsMore({ epoch: null, revision: null }, own), false);
});

Deno.test("a control plane from a backup rises above what its node holds, and is followed again", async () => {
  await using harness = await createHarness();
  const { agent, api } = harness;
  await api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  await agent.fetch();
  const before = agent.manifest();
  await agent.report({ revision: before.revision + 5 });
  assert.equal(await agent.fetch(), true);
  const after = agent.manifest();
  assert.equal(after.epoch.n, before.epoch.n + 1);
  assert.notEqual(after.epoch.id, before.epoch.id);
  const [change] = await api.changes({ limit: 1 });
  assert.equal(change?.action, "epoch.raise");
  await agent.report();
  assert.equal(await agent.fetch(), false, "and it does so once");
});

Deno.test("one that lost its database ends nothing; it leads again with the first project", async () => {
  await using harness = await createHarness();
  const { agent, api } = harness;
  await agent.fetch();
  const { epoch, revision } = agent.manifest();
  await agent.report({ revision: revision + 5 });
  assert.equal(await agent.fetch(), false);
  assert.deepEqual(agent.manifest().epoch, epoch);
  await api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  assert.equal(await agent.fetch(), true);
  assert.equal(agent.manifest().epoch.n, epoch.n + 1);
  assert.equal(agent.deployments().length, 1);
});
