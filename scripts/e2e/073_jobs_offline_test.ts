/** Jobs of a box whose control plane is away, and whose agent is killed in the middle of a run. */
import assert from "node:assert/strict";
import { z } from "zod";
import { JobDescription } from "../../shared/api/descriptions.ts";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const KILLS = 3;
const Volumes = z.array(z.object({ engineName: z.string() }));

const job = (name: string, script: string, cron: string) => `
  ${name}:
    image: localhost/web:1
    init: true
    command: ["sh", "-c", ${JSON.stringify(script)}]
    environment: { WORD: from-the-file }
    volumes: ["kept:/kept"]
    x-skerry: { schedule: { cron: "${cron}", history: 20 } }`;

const COMPOSE = `
name: plant
services:
${job("tick", "echo $$WORD >> /kept/ticks", "*/4 * * * * *")}
${job("long", "echo begun >> /kept/long; sleep 8; echo done >> /kept/long", "*/2 * * * * *")}
volumes: { kept: {} }
`;

Deno.test("jobs without a control plane", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    let control = await box.start("control");
    let agent = await box.start("agent");
    await box.image("web:1");
    const folder = await box.project("plant", COMPOSE);
    await until(
      "the node",
      async () => /online|idle/.test(await box.must(["get", "nodes"])),
      60_000,
    );
    await box.must(["apply", "--wait"], { cwd: folder });
    let mountpoint = "";
    await until("the volume", async () => {
      const [kept] = Volumes.parse(JSON.parse(await box.must(["get", "volumes", "-o", "json"])));
      const found = ["volume", "inspect", "--format", "{{.Mountpoint}}", kept?.engineName ?? ""];
      mountpoint = (await box.podman.must(found)).trim();
      return mountpoint !== "";
    }, 60_000);
    const written = async (name: string) =>
      (await Deno.readTextFile(`${mountpoint}/${name}`).catch(() => "")).split("\n").slice(0, -1);
    const more = async (name: string, line: string, count: number) => {
      const from = (await written(name)).filter((each) => each === line).length;
      await until(`${count} more ${line} in ${name}`, async () => {
        return (await written(name)).filter((each) => each === line).length >= from + count;
      }, 120_000);
    };

    await test.step("jobs run on when the control plane is cut", async () => {
      await more("ticks", "from-the-file", 1);
      control.kill("SIGKILL");
      await control.status;
      await more("ticks", "from-the-file", 3);
    });

    await test.step("an agent killed in the middle of a run leaves it running, and runs none twice", async () => {
      for (let kill = 0; kill < KILLS; kill++) {
        await more("long", "begun", 1);
        agent.kill("SIGKILL");
        await agent.status;
        // Times of its schedule pass while nobody is there to see them.
        await more("long", "done", 1);
        agent = await box.start("agent");
      }
      await more("long", "done", 1);
      const lines = await written("long");
      const turns = lines.map((_, at) => (at % 2 === 0 ? "begun" : "done"));
      assert.deepEqual(lines, turns, "one run at a time, each to its end");
    });

    await test.step("a control plane that is back knows the runs that it did not see", async () => {
      control = await box.start("control");
      const describe = async (name: string) =>
        JobDescription.parse(
          JSON.parse(await box.must(["describe", "job", name, "-o", "json"], { cwd: folder })),
        );
      const killed = Date.now();
      await until("a run that is newer", async () => {
        return (await describe("long")).runs.some(({ begunAt }) => begunAt > killed);
      }, 120_000);
      const { runs } = await describe("long");
      const results = new Set(runs.map(({ result }) => result).filter((each) => each !== null));
      assert.deepEqual([...results], ["succeeded"]);
      const numbers = runs.map(({ number }) => number);
      assert.deepEqual(numbers, numbers.map((_, at) => (numbers[0] ?? 0) - at));
      const done = (await written("long")).filter((each) => each === "done").length;
      const last = runs.find(({ result }) => result !== null)?.number ?? 0;
      assert.ok(Math.abs(done - last) <= 1, `${done} were done, ${last} are told`);
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-6000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
