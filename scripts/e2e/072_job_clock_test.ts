/** Jobs of a box that was down when they were due, and of one whose clock jumps. */
import assert from "node:assert/strict";
import { JobDescription } from "../../shared/api/descriptions.ts";
import { createBox } from "./box.ts";
import { createFakeTime } from "./lab/fake_time.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const YEAR = 365 * 24 * HOUR;

const job = (name: string, rules: string) => `
  ${name}:
    image: localhost/web:1
    command: ["true"]
    x-skerry: { schedule: { cron: "0 * * * *", zone: UTC, history: 20${rules} } }`;

const COMPOSE = `
name: plant
services:
${job("once", "")}
${job("never", ", missed: skip")}
${job("soon", ", missed_within: 30m")}
`;
const JOBS = ["once", "never", "soon"] as const;

Deno.test("jobs and the clock", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  const time = await createFakeTime(`${box.host.dir}/clock`);
  try {
    /** A full hour of the box's clock, which all else is counted from. */
    const first = Math.ceil(Date.now() / HOUR) * HOUR + HOUR;
    const setTo = (at: number) => time.set(at - Date.now());
    await setTo(first + 5 * MINUTE);
    let up = await box.start("up", time.under);
    await box.image("web:1");
    const folder = await box.project("plant", COMPOSE);
    const describe = async (name: string) =>
      JobDescription.parse(
        JSON.parse(await box.must(["describe", "job", name, "-o", "json"], { cwd: folder })),
      );
    /** All runs that there were, oldest first, once none is under way. */
    const told = async (name: string) => {
      const { runs } = await describe(name);
      return runs.toReversed().map(({ number, trigger, scheduledFor, result }) => {
        const hours = scheduledFor === null ? null : (scheduledFor - first) / HOUR;
        return `${number} ${trigger} ${hours} ${result}`;
      });
    };
    const becomes = async (name: string, expected: readonly string[]) => {
      let seen: readonly string[] = [];
      await until(`runs of ${name}`, async () => {
        seen = await told(name);
        return seen.length >= expected.length && !seen.some((each) => each.endsWith("null"));
      }, 120_000).catch((thrown) => {
        throw new Error(`${name}: ${JSON.stringify(seen)}`, { cause: thrown });
      });
      assert.deepEqual(seen, expected, name);
    };
    const missed = (name: string) =>
      until(`${name} to tell what it missed`, async () => {
        return (await describe(name)).job.skipped?.reason.code === "missed";
      }, 120_000);

    await test.step("nothing runs before its time, and apply waits for no run", async () => {
      await box.must(["apply", "--wait"], { cwd: folder });
      for (const name of JOBS) assert.deepEqual(await told(name), []);
    });

    await test.step("of what a box that was down missed each job makes up by its rule", async () => {
      up.kill("SIGKILL");
      await up.status;
      await setTo(first + 3 * HOUR + 45 * MINUTE);
      up = await box.start("up", time.under);
      await becomes("once", ["1 missed 3 succeeded"]);
      await missed("never");
      await missed("soon");
      assert.deepEqual([await told("never"), await told("soon")], [[], []]);
    });

    await test.step("at the next full hour all of them run, in time", async () => {
      await setTo(first + 4 * HOUR - 15_000);
      await becomes("once", ["1 missed 3 succeeded", "2 schedule 4 succeeded"]);
      await becomes("never", ["1 schedule 4 succeeded"]);
      await becomes("soon", ["1 schedule 4 succeeded"]);
    });

    const years = (first + 4 * HOUR + 10 * YEAR - first) / HOUR;
    await test.step("a clock that jumps ten years makes up for one run, not for 87,600", async () => {
      await setTo(first + 4 * HOUR + 10 * YEAR + 20 * MINUTE);
      await becomes("once", [
        "1 missed 3 succeeded",
        "2 schedule 4 succeeded",
        `3 missed ${years} succeeded`,
      ]);
      await missed("never");
      await becomes("soon", ["1 schedule 4 succeeded", `2 missed ${years} succeeded`]);
    });

    await test.step("and one that is set back again runs nothing twice, and goes on", async () => {
      await setTo(first + 4 * HOUR + 30 * MINUTE);
      await until("the box to see its clock", async () => {
        const next = (await describe("once")).job.next;
        return next === first + 5 * HOUR;
      });
      up.kill("SIGKILL");
      await up.status;
      up = await box.start("up", time.under);
      await setTo(first + 5 * HOUR - 20_000);
      await becomes("never", ["1 schedule 4 succeeded", "2 schedule 5 succeeded"]);
      await becomes("soon", [
        "1 schedule 4 succeeded",
        `2 missed ${years} succeeded`,
        "3 schedule 5 succeeded",
      ]);
      await becomes("once", [
        "1 missed 3 succeeded",
        "2 schedule 4 succeeded",
        `3 missed ${years} succeeded`,
        "4 schedule 5 succeeded",
      ]);
      const events = await box.must(["events", "-p", "plant"], { cwd: folder });
      assert.match(events, /run_begun +run 1 begins, late: it was due at/);
      assert.match(events, /run_skipped +nothing is run for /);
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-6000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
