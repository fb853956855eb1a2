/** Runs that people begin: time limits, overlap, retries, and what a killed agent leaves. */
import assert from "node:assert/strict";
import { JobDescription } from "../../shared/api/descriptions.ts";
import type { RunReport } from "../../shared/model/job.ts";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

/** Never by the clock while the scenario runs, or as good as never. */
const SELDOM = "0 0 29 2 *";

const job = (name: string, script: string, clock: string) => `
  ${name}:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", ${JSON.stringify(script)}]
    volumes: ["kept:/kept"]
    x-skerry: ${clock}`;

const COMPOSE = `
name: plant
services:
${
  job(
    "slow",
    "echo begun; sleep 1000",
    `{schedule: {cron: "${SELDOM}", zone: Europe/Berlin, history: {failed: 5}}}`,
  )
}
${job("limited", "echo begun; sleep 1000", `{schedule: {cron: "${SELDOM}", timeout: 30s}}`)}
${job("replaced", "sleep 1000", `{schedule: {cron: "${SELDOM}", overlap: replace}}`)}
${
  job(
    "failing",
    "echo words of failure >&2; exit 9",
    `{schedule: {cron: "${SELDOM}", retries: 1, history: {failed: 4}}}`,
  )
}
volumes: { kept: {} }
`;

Deno.test("runs of jobs", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    let up = await box.start();
    await box.image("web:1");
    const folder = await box.project("plant", COMPOSE);
    const skerry = (...args: string[]) => box.must(args, { cwd: folder });
    const describe = async (name: string) =>
      JobDescription.parse(JSON.parse(await skerry("describe", "job", name, "-o", "json")));
    const run = async (name: string, which: (run: RunReport) => boolean, what: string) => {
      let found: RunReport | undefined;
      await until(what, async () => {
        found = (await describe(name)).runs.find(which);
        return found !== undefined;
      }, 120_000);
      assert.ok(found !== undefined);
      return found;
    };
    const begin = async (name: string) => Number(await skerry("job", "run", name));
    const named = async (state: string) =>
      (await box.podman.must(["ps", ...(state === "all" ? ["-a"] : []), "--format", "{{.Names}}"]))
        .split("\n");

    await box.must(["apply", "--wait"], { cwd: folder });

    await test.step("one that takes too long is ended", async () => {
      const number = await begin("limited");
      const last = await run(
        "limited",
        (each) => each.number === number && each.endedAt !== null,
        "end",
      );
      assert.equal(last.result, "timed_out");
      await until(
        "its container to go",
        async () => !(await named("all")).includes(last.container),
        60_000,
      );
      assert.equal(await skerry("logs", "limited", "--run", String(number)), "begun\n");
    });

    await test.step("the next replaces the one before where the rule says so", async () => {
      const first = await begin("replaced");
      await run("replaced", (each) => each.number === first && each.startedAt !== null, "a start");
      const second = await begin("replaced");
      await run(
        "replaced",
        (each) => each.number === first && each.result === "replaced",
        "its end",
      );
      await run("replaced", (each) => each.number === second && each.startedAt !== null, "a start");
      await skerry("job", "stop", "replaced", String(second));
    });

    await test.step("a failed one is tried again, and its last words are told", async () => {
      const { code, stderr } = await box.run(["job", "run", "failing", "--wait"], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /failed: it exited with code 9/);
      const again = await run(
        "failing",
        ({ number, endedAt }) => number === 2 && endedAt !== null,
        "it",
      );
      assert.deepEqual([again.trigger, again.result, again.exitCode], ["retry", "failed", 9]);
      assert.match(
        await skerry("describe", "job", "failing"),
        /Last lines of run 2\n +words of fail/,
      );
      assert.equal((await describe("failing")).runs.length, 2);
      const events = await skerry("events", "failing");
      assert.match(events, /run_ended +run 1 failed: it exited with code 9\n/);
      assert.match(events, /run_begun +run 2 begins: the one before failed and is tried again\n/);
    });

    await test.step("a run that a person leaves goes on, and is ended by its number", async () => {
      const asked = ["run", "-d", "--name", "mine", "slow", "--", "sh", "-c", "echo hi; sleep 500"];
      assert.equal(await skerry(...asked), "mine\n");
      await until("its container", async () => (await named("running")).includes("mine"));
      const there = await run("slow", (each) => each.container === "mine", "it to be told");
      assert.equal(await skerry("logs", "slow", "--run", String(there.number)), "hi\n");
      await skerry("job", "stop", "slow", String(there.number));
      await until("it to go", async () => !(await named("all")).includes("mine"));
    });

    await test.step("a run outlives its agent's death, and how it ended meanwhile is told once", async () => {
      const goesOn = await begin("slow");
      const asked = ["run", "-d", "--name", "ends", "failing", "--", "sh", "-c", "sleep 2; exit 3"];
      await skerry(...asked);
      await until("both", async () => (await named("running")).includes("ends"));
      const before = await run(
        "slow",
        (each) => each.number === goesOn && each.startedAt !== null,
        "it",
      );
      up.kill("SIGKILL");
      await until(
        "the end of one",
        async () =>
          (await box.podman.must([
            "ps",
            "-a",
            "--filter",
            "status=exited",
            "--format",
            "{{.Names}}",
          ]))
            .includes("ends"),
        30_000,
      );
      up = await box.start();
      const after = await run("slow", (each) => each.number === goesOn, "it to be told");
      assert.deepEqual([after.startedAt, after.endedAt], [before.startedAt, null]);
      assert.ok((await named("running")).includes(after.container));
      const over = await run(
        "failing",
        (each) => each.container === "ends" && each.endedAt !== null,
        "e",
      );
      assert.deepEqual([over.result, over.exitCode], ["failed", 3]);
      const { runs } = await describe("failing");
      assert.equal(runs.filter((each) => each.container === "ends").length, 1);
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-6000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
