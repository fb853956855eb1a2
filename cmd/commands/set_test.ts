import assert from "node:assert/strict";
import { createHarness, type Harness } from "../../control/testing/harness.ts";
import { testModel, testRequest, testService } from "../../control/testing/models.ts";
import { createFakeHost, idleDaemons } from "../fake_host.ts";
import { runProgram } from "../program.ts";

const model = testModel("shop", {
  web: testService({ image: "web:1", environment: { LEVEL: "info", OLD: "1" } }),
});

async function shop(): Promise<Harness> {
  const h = await createHarness();
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.settle();
  return h;
}

async function skerry(h: Harness, ...args: string[]) {
  const host = createFakeHost({
    transport: (request) => h.app.fetch(request, { kind: "root", via: "socket" }),
    env: { NO_COLOR: "1" },
  });
  const code = await runProgram(args, host, idleDaemons);
  return { code, out: host.printed(), err: host.said() };
}

/** What runs: images, and the variables of the first. */
async function running(h: Harness) {
  await h.agent.settle();
  const wanted = h.agent.deployments().filter((each) => each.want === "run");
  return {
    images: wanted.map((each) => each.image.reference),
    environment: JSON.parse(h.agent.unseal(wanted[0]?.sealedEnvironment ?? "")),
  };
}

Deno.test("set image, set env and scale change what runs, and say what they change", async () => {
  await using h = await shop();
  const plan = await skerry(h, "set", "image", "web=web:2", "--plan");
  assert.equal(plan.code, 0);
  assert.match(plan.out, /web:1.* -> .*web:2/);
  assert.deepEqual((await running(h)).images, ["web:1"], "a plan changes nothing");
  assert.equal((await skerry(h, "set", "image", "web=web:2")).code, 0);
  await skerry(h, "set", "env", "web", "LEVEL=a=b", "OLD-");
  await skerry(h, "scale", "web=2");
  assert.deepEqual(await running(h), {
    images: ["web:2", "web:2"],
    environment: { LEVEL: "a=b" },
  });
});

Deno.test("rollout undo goes back to the last release that came up, or to one by its number", async () => {
  await using h = await shop();
  await skerry(h, "set", "image", "web=web:2");
  await h.agent.settle();
  await skerry(h, "set", "image", "web=web:3");
  await h.agent.settle();
  const undone = await skerry(h, "rollout", "undo");
  assert.equal(undone.code, 0, undone.err);
  assert.match(undone.err, /^back to release 2\n/);
  assert.deepEqual((await running(h)).images, ["web:2"]);
  assert.equal((await skerry(h, "rollout", "undo", "--to", "1")).code, 0);
  assert.deepEqual((await running(h)).images, ["web:1"]);
  const status = await skerry(h, "rollout", "status");
  assert.equal(status.code, 0);
  assert.match(status.err, /shop is up/);
  const history = await skerry(h, "rollout", "history");
  assert.deepEqual(
    history.out.trimEnd().split("\n").slice(1).map((line) => line.split(/ +/)[1]),
    ["5", "4", "3", "2", "1"],
  );
});

Deno.test("what cannot be read is wrong usage, what cannot be is said with the way out", async () => {
  await using h = await shop();
  for (
    const args of [
      ["set", "image", "web"],
      ["set", "env", "web", "LEVEL"],
      ["scale", "web=many"],
      ["rollout", "undo", "--to", "x"],
    ]
  ) {
    assert.equal((await skerry(h, ...args)).code, 2, args.join(" "));
  }
  for (
    const [args, said] of [
      [["set", "image", "web="], /"web=" names no image\n {2}.*web=registry\.example/],
      [["set", "schedule", "web="], /"web=" names no schedule\n/],
      [["scale", "web=2000"], /"2000" is no number of replicas for "web"\n {2}.*0 to 250, .*web=3/],
      [["scale", "web=2", "web=3"], /"web" is given two values\n/],
      [["set", "env", "web", "A=B", "A=C"], /the variable "A" of "web" is given two values\n/],
      [["set", "env", "web", "A=B", "A-"], /the variable "A" of "web" is given two values\n/],
    ] as const
  ) {
    const { code, err } = await skerry(h, ...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(err, said);
  }
  const first = await skerry(h, "rollout", "undo");
  assert.equal(first.code, 1);
  assert.match(first.err, /no earlier release that came up/);
  const unknown = await skerry(h, "set", "image", "api=api:1");
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /has no service "api"\n.*It has: web\./);
});

Deno.test("restart starts a service anew, also under rollout, and says so before", async () => {
  await using h = await shop();
  const ids = () => h.agent.deployments().filter(({ want }) => want === "run").map(({ id }) => id);
  const before = ids();
  const plan = await skerry(h, "restart", "web", "--plan");
  assert.equal(plan.code, 0, plan.err);
  assert.match(plan.out, /~ service web: changed\n +containers: .*\n +the new one starts beside/);
  await h.agent.settle();
  assert.deepEqual(ids(), before, "a plan does nothing");
  for (const args of [["restart", "web"], ["rollout", "restart", "web", "web"]]) {
    const last = ids();
    assert.equal((await skerry(h, ...args)).code, 0);
    await h.agent.settle();
    assert.equal(ids().length, 1);
    assert.notDeepEqual(ids(), last);
  }
  const wrong = await skerry(h, "restart", "none");
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.err, /no service "none".*It has: web/s);
});
