/**
 * Whole-program scenarios, one after the other: `deno task e2e [NAME…]`. Each makes hosts of its own
 * (scripts/e2e/lab) and takes them away. Ends with `N passed, N failed`.
 *
 * SKERRY_E2E_RUNS: how often the crash scenarios kill (default 10; 100 in the long mode).
 */
const folder = new URL(".", import.meta.url).pathname;
const wanted = Deno.args;

const files = [...Deno.readDirSync(folder), ...labTests()]
  .map((entry) => entry.name)
  .filter((name) => name.endsWith("_test.ts"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();

function labTests(): { name: string }[] {
  return [...Deno.readDirSync(`${folder}lab`)].map(({ name }) => ({ name: `lab/${name}` }));
}

/** Deno's own count at the end of a run: `ok | 1 passed (8 steps) | 0 failed (1m30s)`. */
function countOf(text: string): { passed: number; failed: number } | null {
  const found = [...text.matchAll(/\| (\d+) passed(?: \([^)]*\))? \| (\d+) failed/g)].at(-1);
  return found === undefined ? null : { passed: Number(found[1]), failed: Number(found[2]) };
}

async function runFile(name: string): Promise<{ passed: number; failed: number }> {
  const child = new Deno.Command(Deno.execPath(), {
    // Types are looked at by `deno task check`, once for all.
    args: ["test", "-A", "--no-check", "--quiet", `${folder}${name}`],
    stdout: "piped",
    stderr: "inherit",
    env: { NO_COLOR: "1" },
  }).spawn();
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    await Deno.stdout.write(chunk);
    text += decoder.decode(chunk, { stream: true });
  }
  const { success } = await child.status;
  const count = countOf(text);
  // A scenario that never got to its count failed, whatever its exit code.
  if (count === null) return { passed: 0, failed: 1 };
  return success || count.failed > 0 ? count : { ...count, failed: 1 };
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

let passed = 0;
let failed = 0;
for (const [index, name] of files.entries()) {
  say(`\n-- ${index + 1}/${files.length} ${name}`);
  const count = await runFile(name);
  passed += count.passed;
  failed += count.failed;
}
say(`\n${passed} passed, ${failed} failed`);
Deno.exitCode = failed === 0 && passed > 0 ? 0 : 1;
