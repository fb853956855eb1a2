/** One resolution: the cell that is gathered, cells that wait to be written, and the ring. */
import { type Cell, createGathering, type Gathering, type Row } from "./cells.ts";
import type { BlockSink } from "./block.ts";
import type { Ring } from "./ring.ts";

export interface TierSpec {
  readonly name: string;
  readonly stepMs: number;
  readonly withPeaks: boolean;
  /** So many cells make a block. */
  readonly cells: number;
  /** Of the bytes of the whole store. */
  readonly share: number;
}

export interface Tier {
  readonly spec: TierSpec;
  readonly ring: Ring;
  /** A moment's values of each subject. */
  add(at: number, rows: ReadonlyMap<string, Row>): void;
  /** Writes what is complete; `all`: also a block that is not full, and the cell that is gathered. */
  flush(all: boolean): Promise<void>;
  /** As the ring's, with what is not written yet. */
  scan(from: number, to: number, sink: Omit<BlockSink, "span">): Promise<void>;
  /** Before it nothing is kept. */
  oldest(): number | null;
}

/** What cannot be written (the disk is full) is kept for so many blocks, in memory. */
const WAITING_BLOCKS = 10;

/** Cells in rows without a gap. */
function runsOf(cells: readonly Cell[]): Cell[][] {
  const runs: Cell[][] = [];
  for (const cell of cells) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1)?.cell === cell.cell - 1) run.push(cell);
    else runs.push([cell]);
  }
  return runs;
}

export function createTier(spec: TierSpec, ring: Ring): Tier {
  let gathered: { readonly cell: number; readonly gathering: Gathering } | null = null;
  let waiting: Cell[] = [];

  function finish(): void {
    if (gathered !== null) {
      waiting.push({ cell: gathered.cell, rows: gathered.gathering.rows() });
      waiting = waiting.slice(-WAITING_BLOCKS * spec.cells);
    }
    gathered = null;
  }

  function unwritten(): readonly Cell[] {
    if (gathered === null) return waiting;
    return [...waiting, { cell: gathered.cell, rows: gathered.gathering.rows() }];
  }

  return {
    spec,
    ring,
    add(at, rows) {
      const cell = Math.max(0, Math.floor(at / spec.stepMs));
      if (gathered?.cell !== cell) finish();
      gathered ??= { cell, gathering: createGathering() };
      for (const [subject, { mean, peak }] of rows) gathered.gathering.add(subject, mean, peak);
    },
    async flush(all) {
      if (all) finish();
      else if (waiting.length < spec.cells) return;
      for (const run of runsOf(waiting)) {
        await ring.append(run);
        const written = new Set(run);
        waiting = waiting.filter((cell) => !written.has(cell));
      }
    },
    async scan(from, to, sink) {
      const before = unwritten();
      await ring.scan(from, to, sink);
      for (const { cell, rows } of before) {
        if (cell < from || cell >= to) continue;
        for (const [subject, { mean, peak }] of rows) {
          if (!sink.wants(subject)) continue;
          for (const [metric, value] of mean.entries()) {
            if (!Number.isNaN(value)) {
              sink.value(subject, cell, metric, value, peak[metric] ?? value);
            }
          }
        }
      }
    },
    oldest() {
      const kept = ring.oldest();
      const all = [...unwritten().map(({ cell }) => cell), ...(kept === null ? [] : [kept])];
      return all.length === 0 ? null : Math.min(...all);
    },
  };
}
