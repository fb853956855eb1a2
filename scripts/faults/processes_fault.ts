/**
 * Every process that there is on a box is killed in turn: those that run all the time and those of
 * a person's session one by one, those that come and go as soon as they appear during an apply.
 * What is killed is found by looking at what runs, so that none can be forgotten.
 */
import { until } from "../e2e/lab/program.ts";
import { census, KIND, type Kind, type Running } from "./census.ts";
import { type Fault, type Findings, joined } from "./fault.ts";
import { CONTAINERS, createPlant, type Plant, PROJECT, SETTLE_MS } from "./plant.ts";
import { createPrograms, type Programs } from "./programs.ts";
import { spread } from "./spread.ts";
import { watchVisitors } from "./visitors.ts";

/** So many of each there have to be afterwards, none missing, none twice and none left over. */
const WANTED: ReadonlyMap<Kind, number> = new Map([
  ...[KIND.up, KIND.podman, KIND.traefik].map((kind) => [kind, 1] as const),
  ...[KIND.conmon, KIND.init].map((kind) => [kind, CONTAINERS] as const),
  ...[KIND.control, KIND.agent, KIND.logs, KIND.exec, KIND.cleanup].map((kind) =>
    [kind, 0] as const
  ),
  ...[KIND.execConmon, KIND.execProcess].map((kind) => [kind, 0] as const),
]);
const SESSIONS: readonly Kind[] = [KIND.logs, KIND.exec, KIND.execConmon, KIND.execProcess];
/** Apart from each other they are killed as well. */
const APART: readonly Kind[] = [KIND.control, KIND.agent];

/** What runs on a box at rest, with somebody's sessions open. */
const STEADY: readonly Kind[] = [
  KIND.up,
  ...APART,
  ...[KIND.podman, KIND.traefik, KIND.conmon, KIND.init, KIND.program],
  ...SESSIONS,
];
/** So often an apply is made anew until one of a kind was met alive. */
const TRIES = 8;

/** What there is too much or too little of. */
function miscounted(running: readonly Running[]): readonly string[] {
  return [...WANTED].flatMap(([kind, wanted]) => {
    const found = running.filter((each) => each.kind === kind).length;
    return found === wanted ? [] : [`${found} × ${kind} instead of ${wanted}`];
  });
}

/** The box is as wanted, and each of its processes there once. */
export async function settled(plant: Plant): Promise<Findings> {
  let wrong: readonly string[] = [];
  await until(
    "each process once",
    async () => {
      wrong = miscounted(await census(plant.lab, plant.box));
      return wrong.length === 0;
    },
    SETTLE_MS,
    250,
  ).catch(() => {});
  const line = await plant.writeLine();
  if (line.code !== 0) wrong = [...wrong, `no line could be written: ${line.stderr.trim()}`];
  return joined({ lost: [], wrong }, await plant.check());
}

function pick(running: readonly Running[], kind: Kind, number: number): Running {
  const all = running.filter((each) => each.kind === kind);
  const one = all[number % all.length];
  if (one === undefined) {
    throw new Error(`there is no ${kind} among ${running.map((each) => each.kind).join(", ")}`);
  }
  return one;
}

/** Kills the `number`-th of a kind that runs all the time, or as long as a session is open. */
export async function killSteady(
  plant: Plant,
  programs: Programs,
  kind: Kind,
  number: number,
): Promise<void> {
  const { box, lab } = plant;
  const sessions = SESSIONS.includes(kind)
    ? [
      box.spawn(["logs", "web", "-p", PROJECT, "--follow"]),
      box.spawn(["exec", "-T", "-p", PROJECT, "client", "--", "sleep", "100000"]),
    ]
    : [];
  const wanted = sessions.length === 0 ? [kind] : SESSIONS;
  if (APART.includes(kind)) await programs.runAs(["control", "agent"]);
  try {
    let running: readonly Running[] = [];
    await until(`a process for each of ${wanted.join(", ")}`, async () => {
      running = await census(lab, box);
      return wanted.every((one) => running.some((each) => each.kind === one));
    }, 60_000);
    Deno.kill(pick(running, kind, number).pid, "SIGKILL");
    // As systemd would.
    if (kind === KIND.up) await programs.again("up");
    if (kind === KIND.control) await programs.again("control");
    if (kind === KIND.agent) await programs.again("agent");
  } finally {
    for (const session of sessions) await session.stop();
  }
  // Sessions, by which the box is looked into, need both in one process as yet.
  await programs.runAs(["up"]);
}

/** What comes and goes while an apply is carried out, and how often. */
async function passing(plant: Plant): Promise<ReadonlyMap<Kind, number>> {
  const visitors = watchVisitors(plant.box.host);
  try {
    await plant.applyNext("--wait");
    await plant.check();
  } finally {
    await visitors.stop();
  }
  return visitors.seen();
}

/** Kills the `nth` of a kind as it appears during an apply; false: each had ended by itself. */
async function killPassing(plant: Plant, kind: Kind, nth: number): Promise<boolean> {
  const visitors = watchVisitors(plant.box.host, { kind, nth });
  try {
    await plant.applyNext();
    await plant.check();
    return visitors.hit();
  } finally {
    await visitors.stop();
  }
}

export const processesFault: Fault = {
  name: "processes",
  about: "every process of the box is killed in turn",
  runs: 100,
  async run(trial) {
    const plant = await createPlant();
    const programs = createPrograms(plant.box);
    try {
      await programs.runAs(["up"]);
      await plant.prepare();
      await plant.check();
      const comers = [...await passing(plant)];
      const kinds = STEADY.length + comers.length;
      const each = Math.max(1, Math.ceil(trial.runs / kinds));
      for (const kind of STEADY) {
        for (let number = 0; number < each; number += 1) {
          await trial.one(`SIGKILL of ${kind}`, `run ${number + 1}`, async () => {
            await killSteady(plant, programs, kind, number);
            return await settled(plant);
          }, plant.box.text);
        }
      }
      for (const [kind, most] of comers) {
        for (const nth of spread(each, most)) {
          const what = `number ${nth} of ${most}`;
          await trial.one(`SIGKILL of ${kind} as an apply starts it`, what, async () => {
            let met = false;
            for (let tries = 0; tries < TRIES && !met; tries += 1) {
              met = await killPassing(plant, kind, 1 + (nth - 1 + tries) % most);
            }
            const found = await settled(plant);
            return met
              ? found
              : joined(found, { lost: [], wrong: [`the fault was not tried: none was met alive`] });
          }, plant.box.text);
        }
      }
    } finally {
      await plant.close();
    }
  },
};
