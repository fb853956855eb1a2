// deno-lint-ignore-file no-console
/**
 * `deno task faults [NAME…] [--runs N]`: a box in a lab's network namespace takes each fault, and is
 * looked at afterwards. Writes the table into README.md; ends with 1 where anything was lost or wrong.
 */
import { checked } from "../e2e/lab/program.ts";
import { FAULTS } from "./faults.ts";
import { merged, Results, type Row, withTable } from "./report.ts";
import { tryFault } from "./trial.ts";

const folder = new URL(".", import.meta.url).pathname;
const RESULTS = `${folder}results.json`;
const PAGE = `${folder}README.md`;

function usage(problem: string): never {
  console.error(problem);
  console.error(
    `deno task faults [NAME…] [--runs N]\n${
      FAULTS.map(({ name, about, runs }) => `  ${name.padEnd(10)} ${about} (${runs})`).join("\n")
    }`,
  );
  Deno.exit(2);
}

const names: string[] = [];
let runs: number | null = null;
for (let at = 0; at < Deno.args.length; at += 1) {
  const arg = Deno.args[at] ?? "";
  const [name, value] = arg.split("=");
  if (name === "--runs") {
    runs = Number(value ?? Deno.args[at += 1]);
    if (!Number.isInteger(runs) || runs < 1) usage("--runs takes a number from 1");
  } else if (FAULTS.some((fault) => fault.name === arg)) names.push(arg);
  else usage(`no fault "${arg}"`);
}

const head = (await checked(["git", "-C", folder, "rev-parse", "--short", "HEAD"])).trim();
const changed = await checked([
  ...["git", "-C", folder, "status", "--porcelain", "--untracked-files=no", "--"],
  // The table itself is no change of what is run.
  ...[":/", ":!/scripts/faults/results.json", ":!/scripts/faults/README.md"],
]);
const commit = changed.trim() === "" ? head : `${head}+`;

let failed = false;
for (const fault of FAULTS) {
  if (names.length > 0 && !names.includes(fault.name)) continue;
  console.log(`\n${fault.name}: ${fault.about}`);
  const tallies = await tryFault(fault, runs ?? fault.runs, console.log);
  const date = new Date().toISOString().slice(0, 16).replace("T", " ");
  const rows: Row[] = tallies.map((tally) => ({ fault: fault.name, ...tally, date, commit }));
  failed ||= rows.length === 0 || rows.some(({ lost, wrong }) => lost + wrong > 0);
  const before = Results.parse(JSON.parse(await Deno.readTextFile(RESULTS).catch(() => "[]")));
  const all = merged(before, rows, FAULTS.map(({ name }) => name));
  await Deno.writeTextFile(RESULTS, `${JSON.stringify(all, null, 2)}\n`);
  const page = withTable(await Deno.readTextFile(PAGE), all);
  if (page === null) throw new Error(`"${PAGE}" has no place for the table`);
  await Deno.writeTextFile(PAGE, page);
}
Deno.exit(failed ? 1 : 0);
