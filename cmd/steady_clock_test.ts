import assert from "node:assert/strict";
import fc from "fast-check";
import { type Clock, systemClock } from "../shared/clock.ts";
import { createBootClock, parseUptime } from "./steady_clock.ts";

/** A machine whose clock is set at will; `passed` is how long it has truly been up. */
function machine() {
  const state = { passedMs: 0, wallMs: 1_700_000_000_000, bootId: "one", processMs: 0 };
  const clock: Clock = {
    now: () => state.wallMs,
    monotonic: () => state.passedMs - state.processMs,
    sleep: () => Promise.resolve(),
  };
  return {
    state,
    pass(ms: number) {
      state.passedMs += ms;
      state.wallMs += ms;
    },
    async start(path: string): Promise<Clock> {
      // A process counts from its own beginning.
      state.processMs = state.passedMs;
      const { bootId, passedMs } = state;
      return await createBootClock(
        path,
        clock,
        () => Promise.resolve({ bootId, uptimeMs: passedMs }),
      );
    },
  };
}

Deno.test("however the clock is set between and during processes, what passed is what passed", async () => {
  const dir = await Deno.makeTempDir();
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          pass: fc.integer({ min: 0, max: 1e9 }),
          jump: fc.integer({ min: -4e11, max: 4e11 }),
          restart: fc.boolean(),
        }),
        { maxLength: 8 },
      ),
      async (turns) => {
        const path = `${dir}/${run += 1}.json`;
        const box = machine();
        box.pass(1_000);
        let steady = await box.start(path);
        const began = steady.now();
        let passed = 0;
        for (const { pass, jump, restart } of turns) {
          box.pass(pass);
          passed += pass;
          box.state.wallMs += jump;
          if (restart) steady = await box.start(path);
          assert.equal(steady.now(), began + passed);
        }
      },
    ),
    { numRuns: 50 },
  );
  await Deno.remove(dir, { recursive: true });
});

Deno.test("another boot, a damaged file or none: it begins with the machine's time", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/clock.json`;
  const box = machine();
  assert.equal((await box.start(path)).now(), box.state.wallMs);
  box.state.wallMs += 1e9;
  box.state.bootId = "two";
  assert.equal((await box.start(path)).now(), box.state.wallMs);
  box.state.wallMs += 1e9;
  await Deno.writeTextFile(path, '{"bootId": "two"');
  assert.equal((await box.start(path)).now(), box.state.wallMs);
  await Deno.remove(dir, { recursive: true });
});

Deno.test("the kernel's own uptime is read, and what is none is refused", async () => {
  const dir = await Deno.makeTempDir();
  const first = await createBootClock(`${dir}/clock.json`, systemClock);
  const second = await createBootClock(`${dir}/clock.json`, systemClock);
  assert.ok(Math.abs(first.now() - second.now()) < 1_000);
  assert.equal(parseUptime("30712.43 61234.00\n"), 30_712_430);
  assert.throws(() => parseUptime("soon"), RangeError);
  await Deno.remove(dir, { recursive: true });
});
