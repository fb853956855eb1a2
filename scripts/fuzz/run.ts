/**
 * `deno task fuzz [--long] [--count N] [--seed N] [NAME…]`: throws made-up input at every reader of
 * foreign bytes; equal seeds give equal runs. Short: some thousand inputs each; long: 1 000 000. Ends with
 * `N passed, N failed`; exit code 1 where one failed.
 */
import { parseArgs } from "node:util";
import { fuzzDns } from "../../agent/loops/dns/fuzz.ts";
import { fuzzCompose } from "../../shared/compose/fuzz.ts";
import { fuzzSignatures } from "../../shared/signing/fuzz.ts";

interface Target {
  readonly name: string;
  /** Inputs of a short run: half a minute's work at most. */
  readonly short: number;
  /** Throws where an input did what it must not. Answers in words what was tried. */
  readonly run: (runs: number, seed: number) => string;
}

/** The mutated text as it is pasted into a test; nothing in it is invisible. */
function asSource(text: string): string {
  const lines = text.split(/(?<=\n)/).map((line) =>
    JSON.stringify(line).replace(
      /[^\x20-\x7e]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    )
  );
  return lines.length < 2 ? lines.join() : `[\n  ${lines.join(",\n  ")},\n].join("")`;
}

const TARGETS: readonly Target[] = [
  {
    name: "compose",
    short: 2000,
    run: (runs, seed) => {
      const { failures, read } = fuzzCompose(runs, seed);
      const [first] = failures;
      if (first === undefined) return `${read} were read, the others refused`;
      throw new Error(
        [
          `${failures.length} failures; the first, --count 1 --seed ${first.seed}: ${first.reason}`,
          ...first.texts.map((text, i) => `file ${i}: ${asSource(text)}`),
          `env file: ${asSource(first.envFile)}`,
        ].join("\n"),
      );
    },
  },
  {
    name: "dns",
    short: 20_000,
    run: (runs, seed) => `${fuzzDns({ runs, seed }).answered} were answered`,
  },
  {
    name: "signatures",
    short: 5_000,
    run: (runs, seed) => `${fuzzSignatures({ runs, seed }).taken} said the same and were taken`,
  },
];

const encoder = new TextEncoder();
const say = (text: string) => Deno.stdout.writeSync(encoder.encode(text + "\n"));
const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    long: { type: "boolean", default: false },
    count: { type: "string" },
    seed: { type: "string" },
  },
});
const wanted = values.count ?? (values.long ? "1000000" : undefined);
const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
const unknown = positionals.filter((word) => !TARGETS.some(({ name }) => name === word));
const faulty = !/^[1-9]\d{0,12}$/.test(wanted ?? "1") || !Number.isSafeInteger(seed);
if (faulty || unknown.length > 0) {
  say(`usage: [--long] [--count N] [--seed N] [${TARGETS.map(({ name }) => name).join("|")}]…`);
  Deno.exit(2);
}

let passed = 0;
let failed = 0;
for (const { name, run, short } of TARGETS) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const count = Number(wanted ?? short);
  const start = performance.now();
  try {
    const words = run(count, seed);
    passed++;
    say(`ok    ${name}: ${count} inputs, ${words}; ${Math.round(performance.now() - start)} ms`);
  } catch (thrown) {
    failed++;
    say(`FAIL  ${name}: --count ${count} --seed ${seed}`);
    say(thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown));
  }
}
say(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
