import assert from "node:assert/strict";
import { createRunCommand } from "./command.ts";

const run = createRunCommand();

Deno.test("exit code, both outputs, input, and the language that is parsed", async () => {
  const script = 'cat; echo "$LC_ALL" >&2; exit 3';
  assert.deepEqual(await run(["sh", "-c", script], { stdin: "moin" }), {
    code: 3,
    stdout: "moin",
    stderr: "C\n",
  });
  assert.equal((await run(["cat"])).stdout, "");
});

Deno.test("a program that reads nothing of a large input still tells its code", async () => {
  assert.equal((await run(["sh", "-c", "exit 7"], { stdin: "x".repeat(1 << 22) })).code, 7);
});

Deno.test("a program that writes while it reads gets all its input", async () => {
  const text = "x".repeat(1 << 22);
  assert.equal((await run(["cat"], { stdin: text })).stdout.length, text.length);
});

Deno.test("a missing program is named, with a way out", async () => {
  await assert.rejects(run(["no-such-program"]), {
    code: "program_missing",
    message: /"no-such-program"/,
    remedy: /install/,
  });
});

Deno.test("it is killed at its time's end and by the signal", async () => {
  await assert.rejects(run(["sleep", "100"], { timeoutMs: 50 }), { code: "program_timeout" });
  const controller = new AbortController();
  const running = run(["sleep", "100"], { signal: controller.signal });
  controller.abort();
  await assert.rejects(running, { name: "AbortError" });
  await assert.rejects(run(["true"], { signal: controller.signal }), { name: "AbortError" });
});
