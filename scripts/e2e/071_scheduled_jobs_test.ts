/** Jobs that run by the clock: history, overlap, and what people suspend. */
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
${job("tick", "echo tick at $$(date +%s)", '{schedule: "*/5 * * * * *"}')}
${
  job(
    "slow",
    "echo begun; sleep 1000",
    `{schedule: {cron: "${SELDOM}", zone: Europe/Berlin, history: {failed: 5}}}`,
  )
}
${job("crowded", "sleep 1000", '{schedule: "*/2 * * * * *"}')}
${job("off", "true", '{schedule: {cron: "* * * * * *", suspended: true}}')}
volumes: { kept: {} }
`;

Deno.test("schedules", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    await box.start();
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

    await test.step("a plan tells the next times, and nothing runs by itself between them", async () => {
      const plan = await skerry("plan");
      assert.match(plan, /runs at 0 0 29 2 \* in Europe\/Berlin: next 20\d\d-02-29 00:00, /);
      assert.match(plan, /job off: created[^]*suspended/);
      await box.must(["apply", "--wait"], { cwd: folder });
      const services = await skerry("get", "services");
      assert.match(services, /slow +- +scheduled/);
      assert.match(await skerry("get", "jobs"), /off +\* \* \* \* \* \* .*suspended/);
    });

    await test.step("it runs by the clock, and its output is in its history", async () => {
      const done = await run("tick", (each) => each.result === "succeeded", "a tick");
      assert.equal(done.trigger, "schedule");
      assert.equal((done.scheduledFor ?? 1) % 5000, 0);
      const log = await skerry("logs", "tick", "--run", String(done.number));
      assert.match(log, /^tick at \d+\n$/);
      await run("tick", (each) => each.number >= 6 && each.endedAt !== null, "more ticks");
      const { runs } = await describe("tick");
      assert.ok(runs.filter(({ result }) => result === "succeeded").length <= 3);
      assert.match(
        await skerry("describe", "service", "tick"),
        /the last: succeeded with exit code 0/,
      );
    });

    await test.step("a run under way keeps the next from beginning, which is told", async () => {
      await until(
        "times that were skipped",
        async () => ((await describe("crowded")).job.skipped?.count ?? 0) >= 2,
        60_000,
      );
      const { runs, job: { skipped } } = await describe("crowded");
      assert.equal(runs.length, 1);
      assert.match(skipped?.reason.message ?? "", /run 1 was still under way/);
      const { code, stderr } = await box.run(["job", "run", "crowded"], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /still under way/);
      await skerry("job", "stop", "crowded", "1");
      await run("crowded", (each) => each.number === 1 && each.result === "stopped", "its end");
      await run("crowded", (each) => each.number === 2, "the next one");
    });

    await test.step("what a person suspends rests until it is resumed, and makes up for nothing", async () => {
      await skerry("job", "suspend", "tick");
      await until("it to rest", async () => {
        const { job: tick, runs } = await describe("tick");
        return tick.suspended === "person" && runs.every(({ endedAt }) => endedAt !== null);
      });
      assert.match(await skerry("get", "jobs"), /tick .*suspended by a person/);
      const skips = async () => (await describe("crowded")).job.skipped?.count ?? 0;
      const last = (await describe("tick")).runs[0]?.number ?? 0;
      // Its neighbour's times tell that several of its own have passed.
      const from = await skips();
      await until("times to pass", async () => await skips() >= from + 8, 120_000);
      assert.equal((await describe("tick")).runs[0]?.number, last);
      await skerry("job", "resume", "tick");
      const next = await run("tick", ({ number }) => number === last + 1, "its next run");
      assert.equal(next.trigger, "schedule");
      const { code, stderr } = await box.run(["job", "resume", "off"], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /suspended in its compose file/);
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-6000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
