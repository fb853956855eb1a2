import assert from "node:assert/strict";
import fc from "fast-check";
import { silentLog as log } from "../../shared/log.ts";
import { columnsOf, METRICS, type Row } from "./cells.ts";
import { gridOf } from "./read.ts";
import { type MetricStore, openMetricStore, TIERS } from "./store.ts";
import { NO_VALUES } from "../../shared/model/metrics.ts";

const START = 1_780_000_000_000;
const DAY = 86_400_000;
const slotOf = (subject: string) => subject;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-metrics-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const open = (folder: string, budgetBytes = 8 * 1024 ** 2) =>
  openMetricStore({ folder, budgetBytes, log });

/** CPU alone. */
function row(cpu: number): Row {
  const mean = columnsOf({ ...NO_VALUES, cpu });
  return { mean, peak: mean };
}

async function sizeOf(folder: string): Promise<number> {
  let sum = 0;
  for await (const { name } of Deno.readDir(folder)) {
    sum += (await Deno.stat(`${folder}/${name}`)).size;
  }
  return sum;
}

function near(read: number, wanted: number): boolean {
  return Math.abs(read - wanted) <= Math.abs(wanted) * 0.001 + 0.0001;
}

/** What is done to a store: a tick so much later, with values by subject; or it is opened anew. */
const step = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("tick" as const),
      laterMs: fc.oneof(
        { weight: 12, arbitrary: fc.integer({ min: 9_990, max: 10_010 }) },
        { weight: 2, arbitrary: fc.integer({ min: 0, max: 400_000 }) },
        { weight: 1, arbitrary: fc.integer({ min: -3 * 365 * DAY, max: 3 * 365 * DAY }) },
      ),
      values: fc.dictionary(
        fc.constantFrom("", "a/web/1", "a/web/2", "b/db/1"),
        fc.double({ min: 0, max: 64, noNaN: true }),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

Deno.test("what is read back is what a naive list of all values says, whatever the clock did", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 120 }),
      fc.nat(),
      fc.integer({ min: 1, max: 60 }),
      async (steps, place, points) => {
        await inFolder(async (folder) => {
          let store = await open(folder);
          const cellMs = TIERS[0]?.stepMs ?? 0;
          /** Each run of looks that fell into one cell. */
          const model: { cell: number; values: Map<string, number[]> }[] = [];
          let at = START;
          let fresh = true;
          for (const each of steps) {
            if (each.kind === "reopen") {
              await store.close();
              store = await open(folder);
              fresh = true;
              continue;
            }
            at = Math.max(0, at + each.laterMs);
            const rows = new Map(
              Object.entries(each.values).map(([subject, cpu]) => [subject, row(cpu)]),
            );
            store.add(at, rows);
            await store.flush();
            const cell = Math.floor(at / cellMs);
            let last = model.at(-1);
            if (fresh || last?.cell !== cell) model.push(last = { cell, values: new Map() });
            fresh = false;
            for (const [subject, cpu] of Object.entries(each.values)) {
              last.values.set(subject, [...last.values.get(subject) ?? [], cpu]);
            }
          }
          const middle = (model[place % Math.max(1, model.length)]?.cell ?? 0) * cellMs;
          const asked = { slotOf, from: middle, to: middle + points * cellMs, points };
          const { from, stepMs, series } = await store.read(asked);
          assert.equal(stepMs, cellMs);
          for (const subject of ["", "a/web/1", "a/web/2", "b/db/1"]) {
            const read = series.find(({ labels }) => (labels.slot ?? "") === subject)?.points ?? [];
            for (let index = 0; index < points; index++) {
              const cell = from / cellMs + index;
              const means = model.filter((each) => each.cell === cell).flatMap(({ values }) => {
                const all = values.get(subject);
                return all === undefined ? [] : [mean(all)];
              });
              const wanted = means.length === 0 ? null : mean(means);
              const found = read[index] ?? null;
              assert.equal(found === null, wanted === null, `${subject} ${index}`);
              if (found !== null && wanted !== null) {
                assert.ok(near(found, wanted), `${found} of ${wanted}`);
              }
            }
          }
          await store.close();
        });
      },
    ),
    { numRuns: 60 },
  );
});

function mean(all: readonly number[]): number {
  return all.reduce((sum, each) => sum + each, 0) / all.length;
}

/** A value for each moment, in steps of 10 s. */
const wave = (index: number) => 2 + Math.sin(index / 50) + (index % 97 === 0 ? 5 : 0);

async function fill(store: MetricStore, ticks: number, from = 0): Promise<void> {
  for (let index = from; index < from + ticks; index++) {
    store.add(START + index * 10_000, new Map([["", row(wave(index))]]));
    await store.flush();
  }
}

/** Mean and peak of the wave in a step. */
function waveIn(fromMs: number, toMs: number, ticks: number) {
  const all: number[] = [];
  for (let index = 0; index < ticks; index++) {
    const at = START + index * 10_000;
    if (at >= fromMs && at < toMs) all.push(wave(index));
  }
  return all.length === 0 ? null : { mean: mean(all), peak: Math.max(...all) };
}

Deno.test("longer ranges are means and peaks of what was measured, also of a store that was killed", async () => {
  await inFolder(async (folder) => {
    const ticks = 4 * 360;
    let store = await open(folder);
    await fill(store, ticks / 2);
    // Killed: what waits in memory is lost, and is gathered again from what is on the disk.
    store = await open(folder);
    await fill(store, ticks / 2, ticks / 2);
    store = await open(folder);
    const end = START + ticks * 10_000;
    for (const points of [12, 120, 1_000]) {
      const { from, stepMs, series } = await store.read({ slotOf, from: START, to: end, points });
      const [cpu] = series;
      assert.ok(cpu !== undefined && cpu.points.length <= points);
      for (const [index, point] of cpu.points.entries()) {
        const begin = from + index * stepMs;
        const wanted = waveIn(begin, begin + stepMs, ticks);
        if (point === null || wanted === null) continue;
        // At its edges, and where it was killed, up to a minute of a step is missing.
        const whole = begin >= START && begin + stepMs <= end - 60_000;
        const killed = begin <= START + ticks * 5_000 &&
          begin + stepMs >= START + ticks * 5_000 - 60_000;
        if (!whole || killed) continue;
        assert.ok(near(point, wanted.mean), `${points}: ${index}: ${point} of ${wanted.mean}`);
        const peak = cpu.peaks?.[index] ?? point;
        if (stepMs > 10_000) assert.ok(near(peak, wanted.peak), `${peak} of ${wanted.peak}`);
      }
      const missing = cpu.points.slice(1, -2).filter((point) => point === null).length;
      assert.ok(missing <= 6, `${missing} points of ${points} are missing`);
    }
    await store.close();
  });
});

Deno.test("it keeps to its budget through a thousand applies, and what is old is there in coarse", async () => {
  await inFolder(async (folder) => {
    const budget = 256 * 1024;
    let store = await open(folder, budget);
    for (let index = 0; index < 6_000; index++) {
      const rows = new Map([["", row(wave(index))]]);
      // Each minute another project comes, and stays for ten.
      for (let back = 0; back < 10; back++) {
        const project = Math.floor(index / 6) - back;
        if (project >= 0) rows.set(`prj_${project}/web/1`, row(index % 7));
      }
      store.add(START + index * 10_000, rows);
      await store.flush();
      if (index % 500 === 0) assert.ok(await sizeOf(folder) <= budget);
    }
    await store.close();
    assert.ok(await sizeOf(folder) <= budget);
    assert.equal(await sizeOf(folder), store.bytes());
    store = await open(folder, budget);
    const end = START + 6_000 * 10_000;
    const node = (subject: string) => subject === "" ? "" : null;
    const late = await store.read({ slotOf: node, from: end - 600_000, to: end, points: 1_000 });
    assert.ok((late.series[0]?.points ?? []).filter((point) => point !== null).length > 55);
    const all = await store.read({ slotOf: node, from: START, to: end, points: 60 });
    const early = all.series[0]?.points.slice(1, 10) ?? [];
    assert.ok(early.every((point) => point !== null), JSON.stringify(early));
    // A smaller budget holds from the first moment.
    await store.close();
    store = await open(folder, budget / 2);
    assert.ok(await sizeOf(folder) <= budget / 2);
    await store.close();
  });
});

Deno.test("power that fails while it writes costs the last batch at most", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 400 }), async (cut) => {
      await inFolder(async (folder) => {
        const store = await open(folder);
        await fill(store, 60);
        const path = `${folder}/10s-000001`;
        const size = (await Deno.stat(path)).size;
        const before = await store.read({ slotOf, from: START, to: START + 600_000, points: 60 });
        // The last block is some 25 bytes long: whatever of it is there, the others are whole.
        await Deno.truncate(path, Math.max(0, size - cut % 25));
        const after = await open(folder);
        const read = await after.read({ slotOf, from: START, to: START + 600_000, points: 60 });
        assert.deepEqual(
          read.series[0]?.points.slice(0, 45),
          before.series[0]?.points.slice(0, 45),
        );
        await fill(after, 60, 60);
        const on = await after.read({
          slotOf,
          from: START + 600_000,
          to: START + 1_200_000,
          points: 60,
        });
        assert.ok((on.series[0]?.points ?? []).every((point) => point !== null));
      });
    }),
    { numRuns: 25 },
  );
});

Deno.test("a file that something else wrote is passed over", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/10s-000003`, "SKM".repeat(100));
    await Deno.writeTextFile(`${folder}/2m-000001-5-1`, "");
    await Deno.writeTextFile(`${folder}/notes`, "mine");
    await Deno.mkdir(`${folder}/10s-000009`);
    const store = await open(folder);
    await fill(store, 30);
    const { series } = await store.read({ slotOf, from: START, to: START + 300_000, points: 30 });
    assert.ok(series[0]?.points.every((point) => point !== null));
    await store.close();
    assert.equal(await Deno.readTextFile(`${folder}/notes`), "mine");
  });
});

Deno.test("a grid covers what is asked with no more points than are asked", () => {
  const steps = TIERS.map(({ stepMs }) => stepMs);
  fc.assert(
    fc.property(
      fc.nat({ max: 2 ** 41 }),
      fc.integer({ min: 1, max: 2 ** 40 }),
      fc.integer({ min: 2, max: 2_000 }),
      (from, span, points) => {
        const grid = gridOf({ from, to: from + span, points }, steps);
        assert.ok(grid.count <= Math.min(points, 1_000));
        assert.ok(grid.from <= from);
        assert.ok(grid.from + grid.count * grid.stepMs >= from + span, JSON.stringify(grid));
        assert.equal(grid.stepMs % (steps[grid.tier] ?? 0), 0);
      },
    ),
  );
  assert.equal(METRICS, 7);
});
