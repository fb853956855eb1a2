/**
 * The machine's clock jumps ten years, forward and back, under a running Skerry (libfaketime in its
 * process; the monotonic clock goes on, as it does on a real machine): changes, restarts and what is
 * told of them go on.
 */
import type { Fault, Findings } from "./fault.ts";
import { joined } from "./fault.ts";
import { createPlant, type Plant, PROJECT } from "./plant.ts";
import { createFakeTime } from "../e2e/lab/fake_time.ts";
import { until } from "../e2e/lab/program.ts";

const DAYS = 3650;

const JUMPS: readonly (readonly [string, readonly number[]])[] = [
  ["forward", [DAYS]],
  ["back", [-DAYS]],
  ["forward and back", [DAYS, 0]],
  ["back and forward", [-DAYS, 0]],
];

/** All that a box does with time: a change, a fall, what it says of both. */
async function live(plant: Plant): Promise<Findings> {
  const { box } = plant;
  const wrong: string[] = [];
  const must = async (what: string, work: Promise<{ code: number; stderr: string }>) => {
    const { code, stderr } = await work;
    if (code !== 0) wrong.push(`${what} failed: ${stderr.trim()}`);
  };
  await must("a line", plant.writeLine());
  await must("a secret", plant.setSecret());
  await must("an apply", plant.applyNext("--wait"));
  const settled = await plant.check();
  const pid = Number((await box.podman.must([
    ...["inspect", "--format", "{{.State.Pid}}"],
    ...[(await box.podman.must(["ps", "--quiet", "--filter", "name=shop.db.1"])).trim()],
  ])).trim());
  Deno.kill(pid, "SIGKILL");
  await until("its process to end", async () => {
    return !(await Deno.stat(`/proc/${pid}`).then(() => true, () => false));
  }, 30_000);
  const fallen = await plant.check();
  const events = await box.run(["events", "-p", PROJECT, "-o", "json"]);
  await must("events", Promise.resolve(events));
  if (!/restart|exit|end/i.test(events.stdout)) wrong.push("no event tells of the fall");
  await must("describe", box.run(["describe", "service", "db", "-p", PROJECT]));
  await must("logs", box.run(["logs", "db", "-p", PROJECT]));
  return joined({ lost: [], wrong }, settled, fallen);
}

export const clockFault: Fault = {
  name: "clock",
  about: "the clock jumps ten years under a running Skerry, which is then started anew",
  runs: 2,
  async run(trial) {
    const plant = await createPlant();
    const { box } = plant;
    const time = await createFakeTime(`${box.host.dir}/clock`);
    const set = (days: number) => time.set(days * 86_400_000);
    try {
      await set(0);
      let up = await box.start("up", time.under);
      await plant.prepare();
      for (const [row, days] of JUMPS) {
        for (let number = 1; number <= trial.runs; number += 1) {
          await trial.one(`ten years ${row}`, `run ${number}`, async () => {
            const found: Findings[] = [];
            for (const day of days) {
              await set(day);
              // libfaketime reads its file once a second.
              await new Promise((resolve) => setTimeout(resolve, 1_500));
              found.push(await live(plant));
            }
            up.kill("SIGKILL");
            await up.status;
            up = await box.start("up", time.under);
            found.push(await live(plant));
            await set(0);
            return joined(...found, await plant.check());
          }, box.text);
        }
      }
    } finally {
      await plant.close();
    }
  },
};
