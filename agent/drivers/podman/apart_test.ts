import assert from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "../../../shared/clock.ts";
import { createApart } from "./apart.ts";
import { createManualClock } from "./manual_clock.ts";

/** Never gives up waiting. */
const patient = { sleep: () => new Promise<void>(() => {}) };

Deno.test("no look is beside a removal, in whatever order they come; all get their turn", async () => {
  await fc.assert(fc.asyncProperty(
    fc.scheduler(),
    fc.array(fc.constantFrom("look", "remove"), { minLength: 1, maxLength: 12 }),
    async (scheduler, kinds) => {
      const apart = createApart(patient);
      const inside = { look: 0, remove: 0 };
      const order: number[] = [];
      const all = kinds.map((kind, at) =>
        apart[kind](async () => {
          inside[kind] += 1;
          order.push(at);
          await scheduler.schedule(Promise.resolve(), `${kind} ${at}`);
          assert.ok(inside.look === 0 || inside.remove === 0, "both at once");
          inside[kind] -= 1;
        })
      );
      await scheduler.waitFor(Promise.all(all));
      assert.deepEqual([...order].sort((a, b) => a - b), kinds.map((_, at) => at));
    },
  ));
});

Deno.test("looks run beside each other, and so do removals", async () => {
  const apart = createApart(patient);
  for (const kind of ["look", "remove"] as const) {
    const second = Promise.withResolvers<void>();
    await Promise.all([
      apart[kind](() => second.promise),
      apart[kind](() => Promise.resolve(second.resolve())),
    ]);
  }
});

Deno.test("a removal that hangs does not make looks hang, nor one that fails", async () => {
  const apart = createApart(systemClock, 10);
  const hangs = Promise.withResolvers<void>();
  const removal = apart.remove(() => hangs.promise);
  assert.equal(await apart.look(() => Promise.resolve("seen")), "seen");
  hangs.reject(new Error("it failed"));
  await assert.rejects(removal, /it failed/);
  assert.equal(await apart.look(() => Promise.resolve("seen")), "seen");
});

/** Lets everything that is ready run. */
const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

Deno.test("one removal that hangs holds looks up for no longer than patience in all", async () => {
  const clock = createManualClock();
  const apart = createApart(clock, 2_000);
  const hangs = Promise.withResolvers<void>();
  const removal = apart.remove(() => hangs.promise);
  await turn();
  clock.advance(1_500);
  const seen: string[] = [];
  const look = (name: string) => apart.look(() => Promise.resolve(void seen.push(name)));
  const first = look("first");
  await turn();
  assert.deepEqual(seen, []);
  // The removal has been at work for as long as anybody waits: it is not waited for once more.
  clock.advance(500);
  await first;
  await look("second");
  await look("third");
  assert.deepEqual(seen, ["first", "second", "third"]);
  hangs.resolve();
  await removal;
});

Deno.test("nobody starves, however many of the other kind come meanwhile and hang", async () => {
  const clock = createManualClock();
  const apart = createApart(clock, 2_000);
  const hangs = Promise.withResolvers<void>();
  const hung: Promise<void>[] = [];
  for (let n = 0; n < 20; n += 1) {
    hung.push(apart.remove(() => hangs.promise), apart.look(() => hangs.promise));
  }
  const seen: string[] = [];
  const look = apart.look(() => Promise.resolve(void seen.push("look")));
  const removal = apart.remove(() => Promise.resolve(void seen.push("removal")));
  await turn();
  assert.deepEqual(seen, []);
  clock.advance(2_000);
  await Promise.all([look, removal]);
  assert.deepEqual(seen.sort(), ["look", "removal"]);
  hangs.resolve();
  await Promise.all(hung);
});

Deno.test("one that fails keeps nobody waiting", async () => {
  const apart = createApart(patient);
  const removal = apart.remove(() => Promise.reject(new Error("it failed")));
  assert.equal(await apart.look(() => Promise.resolve("seen")), "seen");
  await assert.rejects(removal, /it failed/);
});
