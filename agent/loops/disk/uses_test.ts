import assert from "node:assert/strict";
import { silentLog } from "../../../shared/log.ts";
import { openImageUses } from "./uses.ts";

Deno.test("uses are kept over a restart and written only when something of them changes", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/uses.json`;
  const open = (now: number) => openImageUses(path, { now, mostMs: 1_000, log: silentLog });
  try {
    let uses = await open(0);
    uses.used(new Set(["a", "b"]), 10);
    uses.used(new Set(["b"]), 20);
    uses.spare("c", 900);
    await uses.settled();
    await Deno.remove(path);
    uses.used(new Set(["b"]), 30);
    uses.spare("c", 800);
    uses.retain(new Set(["a", "b", "c"]));
    await uses.settled();
    await assert.rejects(Deno.stat(path), Deno.errors.NotFound);
    uses.spare("b", 5);
    await uses.settled();
    uses = await open(0);
    assert.deepEqual(Object.fromEntries(uses.all()), {
      a: { unusedSince: 20, keepUntil: null },
      b: { unusedSince: null, keepUntil: 5 },
      c: { unusedSince: 900, keepUntil: 900 },
    });
    uses.retain(new Set(["c"]));
    await uses.settled();
    // Written while the clock was years ahead: nobody is spared for years.
    uses = await open(-500);
    assert.deepEqual([...uses.all()], [["c", { unusedSince: 900, keepUntil: 500 }]]);
    await Deno.writeTextFile(path, "{");
    assert.equal((await open(0)).all().size, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
