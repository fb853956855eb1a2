/**
 * Power cuts: at each call of an apply, and of a boot, that makes something lasting. Both are filmed
 * once (film.ts), and each disk that the film holds is one that a cut may leave: the box is booted
 * from it and has to be right, by what had been acknowledged at that moment.
 */
import { until } from "../e2e/lab/program.ts";
import { overSocket } from "../e2e/socket_api.ts";
import type { Fault, Findings } from "./fault.ts";
import { createFilmedDisk, type FilmedDisk } from "./film.ts";
import { createPlant, type Known, type Plant, SETTLE_MS } from "./plant.ts";
import { cutPower } from "./power.ts";
import { spread } from "./spread.ts";
import { createTrace, HELD_MS, type Trace } from "./trace.ts";

/** A disk of the film, and all calls that left just this one. */
interface State {
  /** Of what the film keeps. */
  readonly name: string;
  readonly calls: readonly number[];
  readonly text: string;
  /** As of the last of these calls: what is acknowledged only grows. */
  readonly known: Known;
}

interface Film {
  readonly row: string;
  readonly calls: number;
  readonly states: readonly State[];
  /** Calls that went on before the disk had been kept, so that it may hold more than theirs. */
  readonly late: number;
}

interface Powered {
  readonly plant: Plant;
  /** A secret and an apply, until all of it is there. */
  change(row: string): Promise<Film>;
  /** Power off and on, until all is there again. */
  boot(row: string): Promise<Film>;
  /** Power off; the disk is what it was then; power on. */
  backTo(state: State): Promise<void>;
  close(): Promise<void>;
}

async function createPowered(): Promise<Powered> {
  let made: FilmedDisk | undefined;
  const plant = await createPlant({
    before: async ({ host, layout }) => {
      made = await createFilmedDisk(host, layout.home);
    },
  });
  const { lab, box } = plant;
  if (made === undefined) throw new Error("the home has no disk of its own");
  const disk = made;
  const close = async () => {
    await plant.close();
    disk.close();
  };

  async function on(under: readonly string[] = []): Promise<void> {
    box.launch("up", under);
    // By when it answers is no other deadline than the one by which all of it must be right.
    await until(
      "skerry to answer",
      async () => (await overSocket(box.layout, (api) => api.nodes())).length > 0,
      SETTLE_MS,
    );
  }

  async function right(): Promise<void> {
    const { lost, wrong } = await plant.check();
    if (lost.length + wrong.length > 0) throw new Error([...lost, ...wrong].join("; "));
  }

  async function filmed(row: string, trace: Trace, work: () => Promise<void>): Promise<Film> {
    const moments: { readonly name: string; readonly text: string; readonly known: Known }[] = [];
    let late = 0;
    let failed: unknown = null;
    const id = crypto.randomUUID();
    trace.listen(({ text, endedMs }) => {
      const name = `${id}-${moments.length + 1}`;
      // What a command acknowledges from here on is not held against this disk.
      const known = plant.known();
      try {
        disk.keep(name);
      } catch (thrown) {
        failed ??= thrown;
      }
      moments.push({ name, text, known });
      if (performance.timeOrigin + performance.now() > endedMs + HELD_MS) late += 1;
    });
    await work();
    await right();
    trace.listen(null);
    if (failed !== null) throw failed;
    const states = new Map<string, State>();
    for (const [index, { name, text, known }] of moments.entries()) {
      const blocks = await disk.blocksOf(name);
      const same = states.get(blocks);
      const calls = [...same?.calls ?? [], index + 1];
      states.set(blocks, { name: same?.name ?? name, text: same?.text ?? text, calls, known });
    }
    return { row, calls: moments.length, states: [...states.values()], late };
  }

  let trace: Trace;
  try {
    trace = await createTrace(box.host);
    await on(trace.under);
    await until("Podman", async () => (await box.podman.run(["version"])).code === 0, SETTLE_MS);
    await plant.prepare();
    await right();
    await plant.writeLine();
    // The images came past Skerry; those that it pulls it syncs itself.
    await box.host.must(["sync", "--file-system", box.layout.home]);
  } catch (thrown) {
    await close();
    throw thrown;
  }
  return {
    plant,
    change: (row) =>
      filmed(row, trace, async () => {
        await plant.setSecret();
        await plant.applyNext();
      }),
    async boot(row) {
      await cutPower(lab, box, disk);
      trace = await createTrace(box.host);
      return await filmed(row, trace, () => on(trace.under));
    },
    async backTo({ name, known }) {
      await cutPower(lab, box, disk.holding(name));
      plant.recall(known);
      await on();
    },
    close,
  };
}

/** It is right, and takes the next change: always where a secret waits for it, else now and then. */
async function checked(plant: Plant, turn: number): Promise<Findings> {
  const { stored, secrets } = plant.known();
  const waits = secrets.some((secret) => !stored.includes(secret));
  const found = await plant.check();
  if (found.lost.length + found.wrong.length > 0 || !(waits || turn % 8 === 0)) return found;
  const applied = await plant.applyNext();
  if (applied.code !== 0) {
    return { lost: [], wrong: [`the next apply failed: ${applied.stderr.trim()}`] };
  }
  return await plant.check();
}

const toldOf = ({ calls, text }: State, all: number) =>
  `call ${calls[0]}${calls.length === 1 ? "" : ` to ${calls.at(-1)}`} of ${all}, ${text}`;

export const powerFault: Fault = {
  name: "power",
  about: "the power goes: everything of the box ends at once, what was not synced is gone",
  runs: 1000,
  async run(trial) {
    const powered = await createPowered();
    const { plant } = powered;
    try {
      const rows = [
        { row: "power cut after each fsync and rename of an apply", way: powered.change },
        { row: "power cut after each fsync and rename of a boot", way: powered.boot },
      ];
      const films: Film[] = [];
      for (const { row, way } of rows) {
        if (!trial.wants(row)) continue;
        const film = await way(row);
        trial.say(
          `${row}: ${film.calls} calls, ${film.states.length} disks; ` +
            `${film.late} were kept after their call had gone on`,
        );
        films.push(film);
      }
      const orders = films.map(({ states }) => spread(trial.runs, states.length));
      // By turns, so that a run that is ended early has tried both.
      for (let turn = 0; orders.some((order) => turn < order.length); turn += 1) {
        for (const [index, { row, calls, states }] of films.entries()) {
          const state = states[(orders[index]?.[turn] ?? 0) - 1];
          if (state === undefined) continue;
          await trial.one(row, toldOf(state, calls), async () => {
            await powered.backTo(state);
            return await checked(plant, turn);
          }, plant.box.text);
        }
      }
    } finally {
      await powered.close();
    }
  },
};
