/**
 * `deno task fuzz [--long] [--count N] [--minutes N] [--seed N] [--keep] [--distil] [--record]
 * [--more] [NAME…]`: throws made-up input at every reader of foreign bytes (README.md); equal seeds
 * give equal inputs. Ends with `N passed, N failed`; exit code 1 where one failed.
 */
import { parseArgs } from "node:util";
import { LOG_TARGET } from "../../agent/logs/fuzz.ts";
import { DNS_TARGET } from "../../agent/loops/dns/fuzz.ts";
import { API_TARGET } from "../../control/testing/fuzz.ts";
import { UPLOAD_TARGET } from "../../control/uploads/fuzz.ts";
import { COMPOSE_TARGET } from "../../shared/compose/fuzz.ts";
import { PLAIN_YAML_TARGET } from "../../shared/compose/plain_yaml/fuzz.ts";
import { fuzzSignatures } from "../../shared/signing/fuzz.ts";
import type { FuzzTarget } from "../../shared/testing/fuzz_target.ts";
import { addToCorpus, readCorpus, writeCorpus } from "./corpus.ts";
import { startCoverage } from "./coverage.ts";
import { distilled, runGuided } from "./guided.ts";
import { recordResult, type Result, withMore } from "./record.ts";

const TARGETS: readonly FuzzTarget[] = [
  COMPOSE_TARGET,
  PLAIN_YAML_TARGET,
  DNS_TARGET,
  LOG_TARGET,
  API_TARGET,
  UPLOAD_TARGET,
];
/** Its inputs are no texts: they are made by fast-check. */
const SIGNATURES = "signatures";
const NAMES = [...TARGETS.map(({ name }) => name), SIGNATURES];
const PROGRESS_MS = 30_000;
/** How much of a long run is guided; the rest throws what was found, several times as fast. */
const GUIDED = 0.05;

const encoder = new TextEncoder();
const say = (text: string) => Deno.stdout.writeSync(encoder.encode(text + "\n"));
const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    long: { type: "boolean", default: false },
    keep: { type: "boolean", default: false },
    record: { type: "boolean", default: false },
    /** What is recorded is added to what the table says of runs before. */
    more: { type: "boolean", default: false },
    /** First sorts out what was kept and has become of no use. */
    distil: { type: "boolean", default: false },
    minutes: { type: "string" },
    count: { type: "string" },
    seed: { type: "string" },
  },
});
const wanted = values.count ?? (values.long ? "1000000" : undefined);
const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const unknown = positionals.filter((word) => !NAMES.includes(word));
const minutes = values.minutes ?? null;
const faulty = !Number.isSafeInteger(seed) ||
  [wanted ?? "1", minutes ?? "1"].some((text) => !/^[1-9]\d{0,12}$/.test(text));
if (faulty || unknown.length > 0) {
  say(
    `usage: [--long] [--count N] [--seed N] [--minutes N] [--keep] [--distil] [--record] [--more] [${
      NAMES.join("|")
    }]…`,
  );
  Deno.exit(2);
}

/** The input as it is pasted into a test; nothing in it is invisible. */
function asSource(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** In words what was tried; throws with the inputs that failed. */
async function runTarget(target: FuzzTarget, runs: number): Promise<string> {
  if (values.distil) {
    await using coverage = await startCoverage();
    const before = readCorpus(target.name);
    const kept = await distilled(target, before, coverage);
    writeCorpus(target.name, kept);
    say(`      ${target.name}: ${kept.length} of ${before.length} inputs are kept`);
  }
  await using coverage = values.long ? await startCoverage() : null;
  const start = performance.now();
  let saidAt = start;
  /** Of the minutes, 0 to 1. */
  const spent = () =>
    minutes === null ? 0 : (performance.now() - start) / (Number(minutes) * 60_000);
  const outcome = await runGuided(target, {
    runs,
    seed,
    corpus: readCorpus(target.name),
    coverage,
    isOver: () => spent() >= 1,
    isGuided: (done) => done < runs * GUIDED && spent() < GUIDED,
    onProgress: (done, found) => {
      if (performance.now() - saidAt < PROGRESS_MS) return;
      saidAt = performance.now();
      if (values.keep) addToCorpus(target.name, found);
      say(`      ${target.name}: ${done} inputs, ${found.length} reached something new`);
    },
  });
  if (values.keep) addToCorpus(target.name, outcome.found);
  if (values.record) {
    const result: Result = {
      target: target.name,
      seeds: [seed],
      inputs: outcome.runs,
      taken: outcome.taken,
      reached: outcome.found.length,
      functions: coverage?.functions() ?? 0,
      failed: outcome.failures.length,
      slowestMs: Math.ceil(outcome.slowestMs),
      seconds: Math.round((performance.now() - start) / 1000),
      date: new Date().toISOString().slice(0, 10),
    };
    recordResult(values.more ? withMore(result) : result);
  }
  if (outcome.failures.length > 0) {
    throw new Error(
      outcome.failures.map(({ input, reason }) => `${reason}\ninput: ${asSource(input)}`).join(
        "\n",
      ),
    );
  }
  const reached = coverage === null
    ? ""
    : `, ${outcome.found.length} reached something new (${coverage.functions()} functions in all)`;
  return `${outcome.runs} inputs, ${outcome.taken} were taken, the others refused${reached}; the slowest took ${
    Math.ceil(outcome.slowestMs)
  } ms`;
}

const CHECKS: { name: string; short: number; run: (runs: number) => Promise<string> }[] = [
  ...TARGETS.map((target) => ({
    name: target.name,
    short: target.short,
    run: (runs: number) => runTarget(target, runs),
  })),
  {
    name: SIGNATURES,
    short: 5_000,
    run: (runs) =>
      Promise.resolve(
        `${runs} inputs, ${fuzzSignatures({ runs, seed }).taken} said the same and were taken`,
      ),
  },
];

let passed = 0;
let failed = 0;
for (const { name, run, short } of CHECKS) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const count = Number(wanted ?? short);
  const start = performance.now();
  try {
    const words = await run(count);
    passed++;
    say(`ok    ${name}: ${words}; ${Math.round(performance.now() - start)} ms`);
  } catch (thrown) {
    failed++;
    say(`FAIL  ${name}: --count ${count} --seed ${seed}`);
    say(thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown));
  }
}
say(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
