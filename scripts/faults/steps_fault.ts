/** SIGKILL to each program around an apply, at each of the apply's steps in turn. */
import type { Box } from "../e2e/box.ts";
import { until } from "../e2e/lab/program.ts";
import { podmanPaths } from "../../agent/drivers/podman/service.ts";
import type { Fault } from "./fault.ts";
import { createPlant, type Plant } from "./plant.ts";
import { createPrograms, type Programs } from "./programs.ts";
import { spread } from "./spread.ts";

/** What is killed. `agent` and `control` are two processes then; `up` is both in one. */
const VICTIMS = ["up", "agent", "control", "podman", "conmon", "traefik", "container"] as const;
type Victim = typeof VICTIMS[number];

async function pidOf(box: Box, programs: Programs, victim: Victim): Promise<number | null> {
  const recorded = async (path: string) => {
    const text = await Deno.readTextFile(path).catch(() => "{}");
    return Number(JSON.parse(text).pid ?? 0) || null;
  };
  const inspected = async (format: string) => {
    const [id = ""] = (await box.podman.run(["ps", "--quiet"])).stdout.split("\n");
    if (id === "") return null;
    return Number((await box.podman.run(["inspect", "--format", format, id])).stdout) || null;
  };
  switch (victim) {
    case "up":
    case "agent":
    case "control":
      return programs.get(victim)?.pid ?? null;
    case "podman":
      return await recorded(podmanPaths(box.layout).stateFile);
    case "traefik":
      return await recorded(`${box.layout.traefikDir}/engine.json`);
    case "conmon":
      return await inspected("{{.State.ConmonPid}}");
    case "container":
      return await inspected("{{.State.Pid}}");
  }
}

/** Applies, and kills at the `nth` step (null: nobody). Gives how many steps there were. */
async function applyAndKill(
  plant: Plant,
  programs: Programs,
  kill: { readonly victim: Victim; readonly nth: number } | null,
): Promise<number> {
  const { box } = plant;
  const loop = programs.get("up") ?? programs.get("agent");
  const from = loop?.text().length ?? 0;
  const steps = () => (loop?.text() ?? "").slice(from).split('"message":"step"').length - 1;
  const before = await plant.page();
  // What can be found out beforehand is, so that the signal goes out at the step itself.
  const early = kill === null || kill.victim === "container" || kill.victim === "conmon"
    ? null
    : await pidOf(box, programs, kill.victim);
  let applied = false;
  const applying = plant.applyNext().then(() => applied = true);
  if (kill === null) {
    await applying;
    await until("the change", async () => await plant.page() !== before, 120_000);
    // The old ones retire after that.
    for (let seen = -1; seen !== steps();) {
      seen = steps();
      await new Promise((resolve) => setTimeout(resolve, 15_000));
    }
    return steps();
  }
  const { victim, nth } = kill;
  const patience = performance.now() + 60_000;
  await until(`step ${nth}`, async () => {
    await Promise.resolve();
    return steps() >= nth || (applied && performance.now() > patience);
  }, 200_000);
  const pid = early ?? await pidOf(box, programs, victim);
  try {
    if (pid !== null) Deno.kill(pid, "SIGKILL");
  } catch {
    // It had ended by itself.
  }
  await applying;
  if (victim === "up" || victim === "agent" || victim === "control") await programs.again(victim);
  return steps();
}

export const stepsFault: Fault = {
  name: "steps",
  about: "SIGKILL at each step of an apply: of Skerry, and of each program around it",
  runs: 8,
  async run(trial) {
    const plant = await createPlant();
    const programs = createPrograms(plant.box);
    try {
      await programs.runAs(["up"]);
      await plant.prepare();
      const most = await applyAndKill(plant, programs, null);
      for (const victim of VICTIMS) {
        for (const nth of spread(trial.runs, most)) {
          await trial.one(`SIGKILL of ${nameOf(victim)}`, `step ${nth} of ${most}`, async () => {
            await plant.writeLine();
            const apart = victim === "agent" || victim === "control";
            await programs.runAs(apart ? ["control", "agent"] : ["up"]);
            await applyAndKill(plant, programs, { victim, nth });
            // Sessions, by which the box is looked into, need both in one process as yet.
            await programs.runAs(["up"]);
            return await plant.check();
          }, plant.box.text);
        }
      }
    } finally {
      await plant.close();
    }
  },
};

function nameOf(victim: Victim): string {
  switch (victim) {
    case "up":
    case "agent":
    case "control":
      return `\`skerry ${victim}\``;
    case "podman":
      return "Podman's service";
    case "conmon":
      return "a conmon";
    case "traefik":
      return "Traefik";
    case "container":
      return "a container's process";
  }
}
