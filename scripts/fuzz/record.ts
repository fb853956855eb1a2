/** The results of long runs: one file a target in results/, and the table in README.md made of them. */
import { z } from "zod";

const Result = z.strictObject({
  target: z.string(),
  /** One a run that the figures come from. */
  seeds: z.array(z.number()),
  inputs: z.number(),
  taken: z.number(),
  /** Inputs that reached what none had reached before. */
  reached: z.number(),
  /** Functions of ours that have run. */
  functions: z.number(),
  failed: z.number(),
  slowestMs: z.number(),
  seconds: z.number(),
  date: z.string(),
});
export type Result = z.infer<typeof Result>;

const FOLDER = new URL("./results/", import.meta.url);
const README = new URL("./README.md", import.meta.url);
const BEGIN = "<!-- results -->\n";
const END = "<!-- end of results -->";

const HEAD = [
  "target",
  "inputs",
  "handled wrongly",
  "taken as good",
  "reached new code",
  "functions run",
  "slowest",
  "time",
  "seeds",
  "last day",
];

/** The table in Markdown, in the order of the names. */
export function resultsTable(results: readonly Result[]): string {
  const rows = results.toSorted((a, b) => a.target < b.target ? -1 : 1).map((one) => [
    `\`${one.target}\``,
    one.inputs.toLocaleString("en"),
    String(one.failed),
    one.taken.toLocaleString("en"),
    String(one.reached),
    String(one.functions),
    `${one.slowestMs} ms`,
    `${Math.round(one.seconds / 60)} min`,
    one.seeds.join(", "),
    one.date,
  ]);
  const all = [HEAD, ...rows];
  const widths = HEAD.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(HEAD), rule, ...rows.map(line), ""].join("\n");
}

function readResults(): Result[] {
  return [...Deno.readDirSync(FOLDER)].filter(({ name }) => name.endsWith(".json"))
    .map(({ name }) => Result.parse(JSON.parse(Deno.readTextFileSync(new URL(name, FOLDER)))));
}

/** Both runs of a target as one; functions and the slowest input are of the run that had the most. */
export function sum(before: Result, now: Result): Result {
  const added = (key: "inputs" | "taken" | "reached" | "failed" | "seconds") =>
    before[key] + now[key];
  return {
    target: now.target,
    seeds: [...before.seeds, ...now.seeds],
    inputs: added("inputs"),
    taken: added("taken"),
    reached: added("reached"),
    functions: Math.max(before.functions, now.functions),
    failed: added("failed"),
    slowestMs: Math.max(before.slowestMs, now.slowestMs),
    seconds: added("seconds"),
    date: now.date,
  };
}

/** The target's last result, with another one added. */
export function withMore(now: Result): Result {
  const before = readResults().find(({ target }) => target === now.target);
  return before === undefined ? now : sum(before, now);
}

/** Keeps a result in place of the target's last one, and makes the table anew. */
export function recordResult(result: Result): void {
  Deno.mkdirSync(FOLDER, { recursive: true });
  const file = new URL(`./${result.target}.json`, FOLDER);
  Deno.writeTextFileSync(file, JSON.stringify(result, null, 2) + "\n");
  const text = Deno.readTextFileSync(README);
  const from = text.indexOf(BEGIN);
  const to = text.indexOf(END);
  if (from < 0 || to < from) {
    throw new Error(`${README} has no place for the table: ${BEGIN}${END}`);
  }
  const table = `${BEGIN}\n${resultsTable(readResults())}\n`;
  Deno.writeTextFileSync(README, text.slice(0, from) + table + text.slice(to));
}
