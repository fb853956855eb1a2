/** Runs a fault, and counts. */
import { messageOf } from "../../shared/errors.ts";
import { type Fault, type Findings } from "./fault.ts";

export interface Tally {
  readonly what: string;
  readonly runs: number;
  /** Runs in which anything was lost. */
  readonly lost: number;
  /** Runs in which anything was wrong. */
  readonly wrong: number;
}

export interface TrialOptions {
  /** Of a row, unless the fault has its own number. */
  readonly runs: number;
  /** Gets a line for every run, with all that was found. */
  say(line: string): void;
  /** Tallies of runs before, by row: so many runs of a row are left out, and counted with it. */
  readonly before?: readonly Tally[];
  /** False: no further run is begun. */
  goOn?(): boolean;
  /** Only rows with this in their words. */
  readonly only?: string | null;
  /** Gets all tallies after each run. */
  counted?(tallies: readonly Tally[]): Promise<void>;
}

/** The end of what Skerry wrote, in characters. */
const SHOWN = 12_000;

class Enough extends Error {}

/** Gives the tallies of the rows that were run, and of those before. */
export async function tryFault(fault: Fault, options: TrialOptions): Promise<readonly Tally[]> {
  const { say } = options;
  const tallies = new Map<string, Tally>(options.before?.map((tally) => [tally.what, tally]));
  const leftOut = new Map<string, number>();
  const wants = (row: string) => row.includes(options.only ?? "");
  const trial = {
    runs: options.runs,
    wants,
    say: (line: string) => say(`  ${line}`),
    async one(
      row: string,
      what: string,
      work: () => Promise<Findings>,
      text?: () => string,
    ): Promise<void> {
      if (!wants(row)) return;
      const earlier = options.before?.find((tally) => tally.what === row)?.runs ?? 0;
      const skipped = leftOut.get(row) ?? 0;
      if (skipped < earlier) {
        leftOut.set(row, skipped + 1);
        return;
      }
      if (options.goOn?.() === false) throw new Enough();
      const began = performance.now();
      const found = await work().catch((thrown): Findings => ({
        lost: [],
        wrong: [messageOf(thrown)],
      }));
      const { lost, wrong } = found;
      const tally = tallies.get(row) ?? { what: row, runs: 0, lost: 0, wrong: 0 };
      tallies.set(row, {
        what: row,
        runs: tally.runs + 1,
        lost: tally.lost + Math.min(1, lost.length),
        wrong: tally.wrong + Math.min(1, wrong.length),
      });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const verdict = lost.length + wrong.length === 0 ? "ok" : "FAILED";
      say(`  ${verdict} ${fault.name}: ${row}: ${what} (${seconds} s)`);
      for (const each of lost) say(`    lost: ${each}`);
      for (const each of wrong) say(`    wrong: ${each}`);
      if (verdict !== "ok" && text !== undefined) {
        say(text().slice(-SHOWN).replace(/^/gm, "    | "));
      }
      await options.counted?.([...tallies.values()]);
    },
  };
  try {
    await fault.run(trial);
  } catch (thrown) {
    if (!(thrown instanceof Enough)) throw thrown;
  }
  return [...tallies.values()];
}
