// deno-lint-ignore-file no-console
/**
 * `deno task faults [NAME…]`: a box in a lab's network namespace takes each fault, and is looked at
 * afterwards. Writes the table into README.md; ends with 1 where anything was lost or wrong.
 */
import { checked } from "../e2e/lab/program.ts";
import type { Fault } from "./fault.ts";
import { FAULTS } from "./faults.ts";
import { merged, Results, type Row, withTable } from "./report.ts";
import { shortFault } from "./short_fault.ts";
import { type Tally, tryFault } from "./trial.ts";

const folder = new URL(".", import.meta.url).pathname;
const RESULTS = `${folder}results.json`;
const PAGE = `${folder}README.md`;

const USAGE = `deno task faults [NAME…] [--runs N] [--resume] [--minutes N] [--only WORDS]
deno task faults --short
  --runs N      so many runs a row
  --resume      the runs in the table count, and those that are left are run
  --minutes N   no run is begun after that
  --only WORDS  only rows with these words; the others stay, and may be run beside these
  --short       one run of each sort, a minute or two; the table stays as it is
${FAULTS.map(({ name, about, runs }) => `  ${name.padEnd(10)} ${about} (${runs})`).join("\n")}`;

function usage(problem: string): never {
  console.error(`${problem}\n${USAGE}`);
  Deno.exit(2);
}

const names: string[] = [];
let runs: number | null = null;
let minutes = Infinity;
let only: string | null = null;
let resume = false;
let short = false;
for (let at = 0; at < Deno.args.length; at += 1) {
  const arg = Deno.args[at] ?? "";
  const [name, given] = arg.split("=");
  const value = () => given ?? Deno.args[at += 1] ?? "";
  const number = () => {
    const found = Number(value());
    return Number.isInteger(found) && found > 0 ? found : usage(`${name} takes a number from 1`);
  };
  if (name === "--runs") runs = number();
  else if (name === "--minutes") minutes = number();
  else if (name === "--only") only = value();
  else if (name === "--resume") resume = true;
  else if (name === "--short") short = true;
  else if (FAULTS.some((fault) => fault.name === arg)) names.push(arg);
  else usage(`no fault "${arg}"`);
}

const end = performance.now() + minutes * 60_000;
const goOn = () => performance.now() < end;

if (short) {
  const tallies = await tryFault(shortFault, { runs: 1, say: console.log, only, goOn });
  const failed = tallies.filter(({ lost, wrong }) => lost + wrong > 0).length;
  console.log(`${tallies.length - failed} passed, ${failed} failed`);
  Deno.exit(failed > 0 || tallies.length === 0 ? 1 : 0);
}

const head = (await checked(["git", "-C", folder, "rev-parse", "--short", "HEAD"])).trim();
const changed = await checked([
  ...["git", "-C", folder, "status", "--porcelain", "--untracked-files=no", "--"],
  // The table itself is no change of what is run.
  ...[":/", ":!/scripts/faults/results.json", ":!/scripts/faults/README.md"],
]);
const commit = changed.trim() === "" ? head : `${head}+`;

async function results(): Promise<readonly Row[]> {
  return Results.parse(JSON.parse(await Deno.readTextFile(RESULTS).catch(() => "[]")));
}

/** Gives whether anything was lost or wrong. */
async function tried(fault: Fault): Promise<boolean> {
  console.log(`\n${fault.name}: ${fault.about}`);
  const before = (await results()).filter((row) => resume && row.fault === fault.name);
  const write = async (tallies: readonly Tally[]) => {
    const date = new Date().toISOString().slice(0, 16).replace("T", " ");
    const rows = tallies.flatMap((tally): Row[] => {
      const earlier = before.find(({ what }) => what === tally.what);
      if (earlier?.runs === tally.runs) return [];
      const commits = new Set([...earlier?.commit.split(", ") ?? [], commit]);
      return [{ fault: fault.name, ...tally, date, commit: [...commits].join(", ") }];
    });
    // Another command may be at other rows beside this one.
    using file = await Deno.open(RESULTS, { write: true, create: true });
    await file.lock(true);
    const order = FAULTS.map(({ name }) => name);
    const all = merged(await results(), rows, order, resume || only !== null);
    await Deno.writeTextFile(RESULTS, `${JSON.stringify(all, null, 2)}\n`);
    const page = withTable(await Deno.readTextFile(PAGE), all);
    if (page === null) throw new Error(`"${PAGE}" has no place for the table`);
    await Deno.writeTextFile(PAGE, page);
  };
  const tallies = await tryFault(fault, {
    ...{ runs: runs ?? fault.runs, say: console.log, before, goOn, only },
    counted: write,
  });
  return tallies.length === 0 || tallies.some(({ lost, wrong }) => lost + wrong > 0);
}

let failed = false;
for (const fault of FAULTS) {
  if (names.length > 0 && !names.includes(fault.name)) continue;
  if (goOn()) failed = await tried(fault) || failed;
}
Deno.exit(failed ? 1 : 0);
