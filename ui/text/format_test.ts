import assert from "node:assert/strict";
import { countText, spanText } from "./format.ts";
import { withQuery } from "./hrefs.ts";

Deno.test("spans have two units at most", () => {
  assert.deepEqual(
    [0, 350, 12_000, 303_000, 7_800_000, 273_600_000, 3_600_000].map(spanText),
    ["0 ms", "350 ms", "12 s", "5 min 3 s", "2 h 10 min", "3 d 4 h", "1 h"],
  );
});

Deno.test("one thing is not several", () => {
  assert.equal(countText(1, "service"), "1 service");
  assert.equal(countText(0, "service"), "0 services");
});

Deno.test("addresses carry what is asked for and nothing else", () => {
  assert.equal(
    withQuery("/audit", { project: "a&b", who: "", skip: null }),
    "/audit?project=a%26b",
  );
  assert.equal(withQuery("/audit", {}), "/audit");
});
