import assert from "node:assert/strict";
import fc from "fast-check";
import { systemClock } from "../../../shared/clock.ts";
import { createApart } from "./apart.ts";

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
