import assert from "node:assert/strict";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import type { Reason } from "../../shared/model/verdict.ts";

async function overviewOf(harness: Harness): Promise<string> {
  const request = new Request("https://box.example/");
  return await (await harness.app.fetch(request, { kind: "root", via: "socket" })).text();
}

/** The replacement of a service that runs pulls its image, with the reason that is given. */
async function pulling(harness: Harness, reason: Reason): Promise<void> {
  const { agent, api } = harness;
  const model = (image: string) => testRequest(testModel("shop", { web: testService({ image }) }));
  await api.createRelease("shop", model("docker.io/library/web:1"));
  await agent.settle();
  assert.match(await overviewOf(harness), /Everything is as it is wished/);
  await api.createRelease("shop", model("docker.io/library/web:gone"));
  await agent.fetch();
  const before = agent.deployments();
  await agent.report({
    deployments: before.map((each) =>
      each.image.reference.endsWith(":gone")
        ? {
          id: each.id,
          stage: "pulling",
          reason,
          health: "none",
          container: null,
          restarts: 0,
          pull: null,
        }
        : {
          id: each.id,
          stage: "running",
          reason: null,
          health: "none",
          container: {
            id: "a".repeat(64),
            state: "running",
            exitCode: null,
            startedAt: 1,
            finishedAt: null,
          },
          restarts: 0,
          pull: null,
        }
    ),
  });
  const [service] = await api.services();
  assert.equal(service?.stage, "pulling");
  assert.equal(service.slots.running, 1);
}

Deno.test("a replacement whose image cannot be pulled needs attention while the old one serves", async () => {
  await using harness = await createHarness();
  const message = 'image "docker.io/library/web:gone" is not there; next try at 10:00:00 UTC';
  await pulling(harness, { code: "pull_not_found", message });
  const text = await overviewOf(harness);
  assert.doesNotMatch(text, /Everything is as it is wished/);
  const wrong = /<section[^>]* id="wrong"[\s\S]*?<\/section>/.exec(text)?.[0] ?? "";
  assert.match(wrong, /Needs attention/);
  assert.match(wrong, /class="notice[^"]*warn/);
  assert.match(wrong, /href="\/projects\/shop\/services\/web"/);
  assert.match(wrong, /web:gone&quot; is not there/);
});

Deno.test("a pull that goes on needs nobody's attention", async () => {
  await using harness = await createHarness();
  await pulling(harness, { code: "pulling", message: "pulls image: 3 of 5 layers" });
  const text = await overviewOf(harness);
  assert.match(text, /Nothing needs attention/);
  assert.match(text, /1 service on the way/);
});

Deno.test("a replica is counted once it is up, not as soon as its container runs", async () => {
  await using harness = await createHarness();
  const { agent, api } = harness;
  agent.fates.set("web", "starts");
  await api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  await agent.settle();
  assert.deepEqual((await api.services())[0]?.slots, { wanted: 1, running: 1, ready: 0 });
  assert.match(await overviewOf(harness), /data-label="Replicas">0\/1</);
  agent.fates.set("web", "runs");
  await agent.settle();
  assert.deepEqual((await api.services())[0]?.slots, { wanted: 1, running: 1, ready: 1 });
  assert.match(await overviewOf(harness), /data-label="Replicas">1\/1</);
});

Deno.test("a release that was rolled back is told until the next one, though all runs as before", async () => {
  await using harness = await createHarness();
  const { agent, api, app } = harness;
  const release = async (tag: string) => {
    const image = `docker.io/library/web:${tag}`;
    const model = testModel("shop", { web: testService({ image }) });
    await api.createRelease("shop", testRequest(model));
    await agent.settle();
  };
  const projectPage = async () => {
    const request = new Request("https://box.example/projects/shop");
    return await (await app.fetch(request, { kind: "root", via: "socket" })).text();
  };
  await release("1");
  assert.match(await overviewOf(harness), /Everything is as it is wished/);
  agent.fates.set("web", "fails");
  await release("2");
  agent.fates.set("web", "runs");
  await agent.settle();
  const [project] = await api.projects();
  assert.equal(project?.releaseState, "rolled_back");
  assert.equal((await api.services())[0]?.stage, "running");
  for (const text of [await overviewOf(harness), await projectPage()]) {
    assert.doesNotMatch(text, /Everything is as it is wished/);
    assert.match(text, /The last release of <a href="\/projects\/shop">shop<\/a> was rolled back/);
    assert(text.includes(`href="/releases/${project?.release}"`));
  }
  assert.match(await projectPage(), /<h1>shop<\/h1><span class="status warn">1 service/);
  assert.match(await projectPage(), /not healthy in time\. What ran before it serves on\. <a/);
  await release("3");
  assert.match(await overviewOf(harness), /Everything is as it is wished/);
  assert.match(await projectPage(), /<h1>shop<\/h1><span class="status good">1 service/);
});
