import assert from "node:assert/strict";
import { callOf } from "./trace.ts";

Deno.test("a call is told with the moment of its end", () => {
  assert.deepEqual(
    callOf(`14307 100.500000 fsync(3</home/skerry.db>)        = 0 (DELAYED) <0.250000>`),
    { text: "fsync(3</home/skerry.db>) = 0", endedMs: 100_750 },
  );
  assert.deepEqual(
    callOf(`7 100.500000 renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 0) = -1 EEXIST (x) <0.000000>`),
    { text: 'renameat2(AT_FDCWD, "a", AT_FDCWD, "b", 0) = -1 EEXIST (x)', endedMs: 100_500 },
  );
});

Deno.test("of a call in two lines the second one counts", () => {
  assert.deepEqual(callOf(`7 100.500000 fsync(3</a> <unfinished ...>`), null);
  assert.deepEqual(
    callOf(`7 100.750000 <... fsync resumed>)       = 0 (DELAYED) <0.250000>`),
    { text: "<... fsync resumed>) = 0", endedMs: 100_750 },
  );
});
