import assert from "node:assert/strict";
import { requirePrograms } from "./lab/leftovers.ts";
import { PROGRAMS, runSeparation } from "./separation.ts";
import { openStage } from "./separation_hosts.ts";

Deno.test("who reaches whom", async () => {
  await requirePrograms(PROGRAMS);
  await using stage = await openStage();
  let table = "";
  const wrong = await runSeparation(stage, (text) => table += text);
  assert.deepEqual(wrong, [], table);
});
