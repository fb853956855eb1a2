/** What every fault is, and what comes of its runs. */

/** What was found once a box had been given its time to settle after a fault; empty: all is well. */
export interface Findings {
  /** Acknowledged (an apply, a secret, a synced line) and not there. */
  readonly lost: readonly string[];
  /** Not as wanted by the deadline, or a command gave a wrong answer, or none that says why. */
  readonly wrong: readonly string[];
}

export const NOTHING: Findings = { lost: [], wrong: [] };

/** Both together. */
export function joined(...all: readonly Findings[]): Findings {
  return { lost: all.flatMap(({ lost }) => lost), wrong: all.flatMap(({ wrong }) => wrong) };
}

export interface Trial {
  /** How often, where a row of the table can be run more or less often. */
  readonly runs: number;
  /** Whether any run of this row is to be made. */
  wants(row: string): boolean;
  /** A line for whoever looks on. */
  say(line: string): void;
  /**
   * One run: which row of the table it belongs to, and the words for this very run.
   * @param text what Skerry has written, shown where anything was found
   */
  one(
    row: string,
    what: string,
    work: () => Promise<Findings>,
    text?: () => string,
  ): Promise<void>;
}

export interface Fault {
  /** On the command line. */
  readonly name: string;
  /** What is done to the box, for the table. */
  readonly about: string;
  /** How often unless told otherwise. */
  readonly runs: number;
  run(trial: Trial): Promise<void>;
}
