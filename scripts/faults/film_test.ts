import assert from "node:assert/strict";
import { blocksIn } from "./film.ts";

const table = (...lines: readonly string[]) =>
  [
    "Filesystem type is: 58465342",
    "File size of home.img is 1073741824 (262144 blocks of 4096 bytes)",
    " ext:     logical_offset:        physical_offset: length:   expected: flags:",
    ...lines,
    "home.img: 3 extents found",
  ].join("\n");

Deno.test("blocks are the same however they are cut into parts", () => {
  const whole = table(
    "   0:        0..      15:       4124..      4139:     16:             shared",
    "   1:    32768..   32768:      36892..     36892:      1:       4140: last,shared,eof",
  );
  const cut = table(
    "   0:        0..       7:       4124..      4131:      8:             shared",
    "   1:        8..      15:       4132..      4139:      8:             shared",
    "   2:    32768..   32768:      36892..     36892:      1:       4140: last,shared,eof",
  );
  assert.deepEqual(blocksIn(whole), "0:4124+16 32768:36892+1");
  assert.deepEqual(blocksIn(cut), blocksIn(whole));
});

Deno.test("a block that lies elsewhere is another disk", () => {
  const one = table("   0:        0..       0:       4124..      4124:      1:   last,shared,eof");
  const other = table(
    "   0:        0..       0:       4125..      4125:      1:   last,shared,eof",
  );
  assert.deepEqual(blocksIn(one) === blocksIn(other), false);
});
