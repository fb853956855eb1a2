import assert from "node:assert/strict";
import fc from "fast-check";
import { BLOCK, openCounter } from "./counter.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("counters rise, over crashes and skips, however many are asked for at once", async () => {
  const act = fc.oneof(fc.integer({ min: 1, max: 1_500 }), fc.constantFrom("crash", "skip"));
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 6 }), (acts) =>
      inFolder(async (folder) => {
        let counter = await openCounter(folder, 5);
        let last = -1n;
        for (const each of acts) {
          if (each === "crash") counter = await openCounter(folder, 1);
          if (each === "skip") await counter.skip();
          if (typeof each === "number") {
            const taken = await Promise.all(Array.from({ length: each }, counter.next));
            for (const one of taken) {
              assert.ok(one > last);
              last = one;
            }
          }
        }
      })),
    { numRuns: 40 },
  );
});

Deno.test("a skip passes a whole block, and the file is written once a block", () =>
  inFolder(async (folder) => {
    const counter = await openCounter(folder, 0);
    const first = await counter.next();
    assert.equal(await Deno.readTextFile(`${folder}/counter.json`), `{"next":"${first + BLOCK}"}`);
    await counter.skip();
    assert.ok(await counter.next() > first + BLOCK);
  }));

Deno.test("without its file it goes on from the clock; a damaged file is named", () =>
  inFolder(async (folder) => {
    assert.equal(
      await (await openCounter(folder, 1_800_000_000_000)).next(),
      1_800_000_000_000n << 20n,
    );
    for (const damage of ["", "{}", '{"next":"-1"}', '{"next":1}']) {
      await Deno.writeTextFile(`${folder}/counter.json`, damage);
      await assert.rejects(openCounter(folder, 0), { code: "bad_counter" });
    }
  }));
