/**
 * `deno task same [--count N] [--seed N] [--record]`: compares what we make of compose files with
 * what compose-go makes of them, over every golden, over made files, and over the names of
 * projects. compose-go is built from compose/ where Go is (1.24 or newer), or is the program that
 * SKERRY_COMPOSE_ORACLE names; without it the recorded answers serve, and that is said. Ends with
 * `N passed, N failed`; exit code 1 where one failed. `--record` records the answers to 150 made
 * files anew.
 */
import { parseArgs } from "node:util";
import fc from "fast-check";
import { MADE_HOME, type MadeFiles, madeFiles } from "../../shared/compose/testing/made_files.ts";
import { type Answer, compareReadings } from "../../shared/compose/testing/same.ts";
import { type ComposeGo, composeGoProgram, startComposeGo } from "./compose_go.ts";
import { changedGoldens } from "./goldens.ts";
import { ourReading, prepareFolder, theirAnswer } from "./made_project.ts";
import { nameCases, ourName, theirName } from "./names.ts";
import { readRecorded, writeRecorded } from "./recorded.ts";

const RECORDED = 150;
const NAMES = 500;
const SHOWN = 10;

const { values } = parseArgs({
  args: Deno.args,
  options: {
    count: { type: "string", default: "2000" },
    seed: { type: "string" },
    record: { type: "boolean", default: false },
  },
});
const count = Number(values.count);
const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const encoder = new TextEncoder();
const say = (text: string) => Deno.stdout.writeSync(encoder.encode(text + "\n"));
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  say("usage: [--count N] [--seed N] [--record]");
  Deno.exit(2);
}

/** What was compared so far. */
interface Tally {
  read: number;
  refused: number;
  readonly meant: Map<string, number>;
  readonly differences: { readonly what: string; readonly texts: readonly string[] }[];
}

function compare(tally: Tally, { texts }: MadeFiles, answer: Answer): void {
  const comparison = compareReadings(ourReading({ texts }), answer, texts.length);
  switch (comparison.kind) {
    case "same":
      tally[comparison.verdict]++;
      return;
    case "meant":
      tally.meant.set(comparison.reason, (tally.meant.get(comparison.reason) ?? 0) + 1);
      return;
    case "differs":
      tally.differences.push({ what: comparison.what, texts });
  }
}

/** Says how it went; true where nothing differs. */
function told(title: string, tally: Tally): boolean {
  const meant = [...tally.meant.values()].reduce((sum, one) => sum + one, 0);
  const good = tally.differences.length === 0;
  say(
    `${good ? "ok  " : "FAIL"}  ${title}: ${tally.read} read alike, ${tally.refused} refused by ` +
      `both, ${meant} differ as meant, ${tally.differences.length} differ`,
  );
  for (const [reason, times] of [...tally.meant].sort(([, a], [, b]) => b - a)) {
    say(`        ${times} × ${reason}`);
  }
  for (const { what, texts } of tally.differences.slice(0, SHOWN)) {
    say(`      ${what}\n${texts.join("\n--- laid over it:\n")}\n`);
  }
  return good;
}

const emptyTally = (): Tally => ({ read: 0, refused: 0, meant: new Map(), differences: [] });

async function compareMade(composeGo: ComposeGo, folder: string): Promise<boolean> {
  const tally = emptyTally();
  for (const made of fc.sample(madeFiles, { numRuns: count, seed })) {
    compare(tally, made, await theirAnswer(composeGo, folder, made));
  }
  return told(`${count} made files, --seed ${seed}`, tally);
}

async function compareNames(composeGo: ComposeGo, folder: string): Promise<boolean> {
  const wrong: string[] = [];
  for (const given of fc.sample(nameCases, { numRuns: NAMES, seed })) {
    const ours = ourName(given);
    const theirs = await theirName(composeGo, folder, given);
    if (ours !== theirs) wrong.push(`${JSON.stringify(given)}: ${ours}, for compose-go ${theirs}`);
  }
  say(
    `${wrong.length === 0 ? "ok  " : "FAIL"}  ${NAMES} names of projects: ${wrong.length} differ`,
  );
  for (const line of wrong.slice(0, SHOWN)) say(`      ${line}`);
  return wrong.length === 0;
}

async function record(composeGo: ComposeGo, folder: string): Promise<void> {
  const recorded = [];
  for (const made of fc.sample(madeFiles, { numRuns: RECORDED, seed: 1 })) {
    recorded.push({ texts: [...made.texts], answer: await theirAnswer(composeGo, folder, made) });
  }
  writeRecorded(recorded);
}

function compareRecorded(): boolean {
  const tally = emptyTally();
  const recorded = readRecorded();
  for (const { texts, answer } of recorded) compare(tally, { texts }, answer);
  return told(`${recorded.length} recorded answers`, tally);
}

async function run(folder: string): Promise<boolean[]> {
  const found = await composeGoProgram(folder);
  if ("lacking" in found) {
    say(`compose-go WAS NOT ASKED: ${found.lacking}; ONLY RECORDED ANSWERS are compared`);
    say("(install Go 1.24 or newer, or name a built program in SKERRY_COMPOSE_ORACLE)");
    return [compareRecorded()];
  }
  const { program } = found;
  const project = `${folder}/project`;
  await Deno.mkdir(project);
  await prepareFolder(project);
  await using composeGo = startComposeGo(program, MADE_HOME);
  if (values.record) await record(composeGo, project);
  const changed = await changedGoldens(program);
  say(`${changed.length === 0 ? "ok  " : "FAIL"}  goldens: ${changed.length} answers are others`);
  for (const line of changed) say(`      ${line}`);
  return [
    changed.length === 0,
    compareRecorded(),
    await compareMade(composeGo, project),
    await compareNames(composeGo, `${folder}/names`),
  ];
}

const folder = await Deno.makeTempDir();
let results: boolean[];
try {
  results = await run(folder);
} finally {
  await Deno.remove(folder, { recursive: true });
}
const failed = results.filter((good) => !good).length;
say(`${results.length - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
