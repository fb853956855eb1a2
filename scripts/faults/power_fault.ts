/** Power cuts: after each call of an apply, and of a boot, that makes something lasting. */
import { containersOf } from "../e2e/consistency.ts";
import { until } from "../e2e/lab/program.ts";
import { overSocket } from "../e2e/socket_api.ts";
import { createHomeDisk, type HomeDisk } from "./disk.ts";
import type { Fault, Findings } from "./fault.ts";
import { CONTAINERS, createPlant, type Plant, PROJECT, SETTLE_MS } from "./plant.ts";
import { cutPower } from "./power.ts";
import { spread } from "./spread.ts";
import { createTrace, type Trace } from "./trace.ts";

/** Calls counted up to the end, or to the cut. */
interface Passage {
  readonly calls: number;
  readonly cut: boolean;
  /** The last of them. */
  readonly last: string;
}

interface Powered {
  readonly plant: Plant;
  /** A secret and an apply; the power goes after the `nth` call (null: it stays) and comes again. */
  change(nth: number | null): Promise<Passage>;
  /** Power off and on, and off once more after the `nth` call of that boot, and on. */
  boot(nth: number | null): Promise<Passage>;
}

async function createPowered(): Promise<Powered> {
  let disk: HomeDisk | undefined;
  const plant = await createPlant({
    before: async ({ host, layout }) => {
      disk = await createHomeDisk(host, layout.home);
    },
  });
  const { lab, box } = plant;

  /** Cuts the power at the `nth` call while `work` runs; `on` starts the box before or after. */
  async function withCut(
    trace: Trace,
    nth: number | null,
    work: (isOff: () => boolean) => Promise<void>,
  ): Promise<Passage> {
    let off: Promise<void> | null = null;
    trace.arm(nth, () => {
      if (disk !== undefined) off = cutPower(lab, box, disk);
      off?.catch(() => {});
    });
    await work(() => off !== null);
    const passage = { calls: trace.count(), cut: off !== null, last: trace.last() };
    trace.arm(null);
    await off;
    return passage;
  }

  async function on(): Promise<Trace> {
    const trace = await createTrace(box.host);
    box.launch("up", trace.under);
    // By when it answers is no other deadline than the one by which all of it must be right.
    await until(
      "skerry to answer",
      async () => (await overSocket(box.layout, (api) => api.nodes())).length > 0,
      SETTLE_MS,
    );
    return trace;
  }

  let trace: Trace;
  try {
    trace = await on();
    await until("Podman", async () => (await box.podman.run(["version"])).code === 0, SETTLE_MS);
    await plant.prepare();
    // The images came past Skerry; those that it pulls it syncs itself.
    await box.host.must(["sync", "--file-system", box.layout.home]);
  } catch (thrown) {
    await plant.close();
    throw thrown;
  }
  return {
    plant,
    async change(nth) {
      const before = await plant.page();
      const passage = await withCut(trace, nth, async (isOff) => {
        await plant.setSecret();
        if (!isOff()) await plant.applyNext();
        await until("the change", async () => {
          if (isOff()) return true;
          const views = await containersOf(box, PROJECT);
          return views.length === CONTAINERS && views.every((view) => view.stage === "running") &&
            await plant.page() !== before;
        }, SETTLE_MS);
      });
      if (passage.cut) trace = await on();
      return passage;
    },
    async boot(nth) {
      if (disk !== undefined) await cutPower(lab, box, disk);
      trace = await createTrace(box.host);
      const passage = await withCut(trace, nth, async (isOff) => {
        box.launch("up", trace.under);
        await until("the page", async () => isOff() || await plant.page() !== "", SETTLE_MS);
      });
      if (passage.cut) trace = await on();
      return passage;
    },
  };
}

async function checked(plant: Plant): Promise<Findings> {
  const findings = await plant.check();
  await plant.writeLine();
  return findings;
}

/** Every run is on the disk that the cut before left behind. */
export const powerFault: Fault = {
  name: "power",
  about: "the power goes: everything of the box ends at once, what was not synced is gone",
  runs: 40,
  async run(trial) {
    const powered = await createPowered();
    const { plant } = powered;
    try {
      const rows = [
        { row: "power cut after each fsync and rename of an apply", way: powered.change },
        { row: "power cut after each fsync and rename of a boot", way: powered.boot },
      ];
      const passages: {
        row: string;
        way: Powered["change"];
        calls: number;
        at: readonly number[];
      }[] = [];
      for (const { row, way } of rows) {
        await plant.writeLine();
        const { calls } = await way(null);
        await plant.check();
        passages.push({ row, way, calls, at: spread(trial.runs, calls) });
      }
      // By turns, so that a run that is ended early has tried both.
      for (let turn = 0; turn < trial.runs; turn++) {
        for (const { row, way, calls, at } of passages) {
          const nth = at[turn];
          if (nth === undefined) continue;
          await trial.one(row, `call ${nth} of ${calls}`, async () => {
            await way(nth);
            return await checked(plant);
          }, plant.box.text);
        }
      }
    } finally {
      await plant.close();
    }
  },
};
