/**
 * `deno task fuzz [--long] [--count N] [--seed N] [NAME…]`: throws made-up input at every reader of
 * foreign bytes. A reader takes part by a file `fuzz.ts` beside it, whose exported functions named
 * `fuzz…` are `(count: number, seed: number) => void | Promise<void>` and throw where an input did
 * what it must not. Short: 20 000 inputs each; long: 1 000 000. Ends with `N passed, N failed`.
 */
import { parseArgs } from "node:util";
import { relative } from "node:path";

const ROOMS = ["agent", "control", "shared"];
const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const encoder = new TextEncoder();
const say = (text: string) => Deno.stdout.writeSync(encoder.encode(text + "\n"));

async function fuzzFiles(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) found.push(...await fuzzFiles(path));
    else if (entry.name === "fuzz.ts" || entry.name.endsWith("_fuzz.ts")) found.push(path);
  }
  return found.sort();
}

const { values, positionals } = parseArgs({
  args: Deno.args,
  allowPositionals: true,
  options: {
    long: { type: "boolean", default: false },
    count: { type: "string" },
    seed: { type: "string" },
  },
});
const count = Number(values.count ?? (values.long ? 1_000_000 : 20_000));
const seed = Number(values.seed ?? crypto.getRandomValues(new Uint32Array(1))[0]);
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
  say("--count and --seed are whole numbers");
  Deno.exit(2);
}

let passed = 0;
let failed = 0;
for (const room of ROOMS) {
  for (const path of await fuzzFiles(`${root}/${room}`)) {
    const module: Record<string, unknown> = await import(`file://${path}`);
    for (const [name, target] of Object.entries(module)) {
      if (!name.startsWith("fuzz") || typeof target !== "function") continue;
      const label = `${relative(root, path)} ${name}`;
      if (positionals.length > 0 && !positionals.some((word) => label.includes(word))) continue;
      const start = performance.now();
      try {
        await target(count, seed);
        passed++;
        say(`ok    ${label}: ${count} inputs in ${Math.round(performance.now() - start)} ms`);
      } catch (thrown) {
        failed++;
        say(`FAIL  ${label}: --count ${count} --seed ${seed}`);
        say(thrown instanceof Error ? thrown.stack ?? thrown.message : String(thrown));
      }
    }
  }
}
say(`${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
