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

/** The end of what Skerry wrote, in characters. */
const SHOWN = 12_000;

/** @param say gets a line for every run, with all that was found. */
export async function tryFault(
  fault: Fault,
  runs: number,
  say: (line: string) => void,
): Promise<readonly Tally[]> {
  const tallies = new Map<string, Tally>();
  await fault.run({
    runs,
    async one(row, what, work, text) {
      const began = performance.now();
      const found = await work().catch((thrown): Findings => ({
        lost: [],
        wrong: [messageOf(thrown)],
      }));
      const { lost, wrong } = found;
      const before = tallies.get(row) ?? { what: row, runs: 0, lost: 0, wrong: 0 };
      tallies.set(row, {
        what: row,
        runs: before.runs + 1,
        lost: before.lost + Math.min(1, lost.length),
        wrong: before.wrong + Math.min(1, wrong.length),
      });
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      const verdict = lost.length + wrong.length === 0 ? "ok" : "FAILED";
      say(`  ${verdict} ${fault.name}: ${row}: ${what} (${seconds} s)`);
      for (const each of lost) say(`    lost: ${each}`);
      for (const each of wrong) say(`    wrong: ${each}`);
      if (verdict !== "ok" && text !== undefined) {
        say(text().slice(-SHOWN).replace(/^/gm, "    | "));
      }
    },
  });
  return [...tallies.values()];
}
