import assert from "node:assert/strict";
import { imageKey } from "./image_key.ts";

Deno.test("an image is looked for by id, by digest, or as written", () => {
  const digest = `sha256:${"d".repeat(64)}`;
  const id = "e".repeat(64);
  const cases: [string, string | null, string | null, string][] = [
    ["r.example:5000/tools/web:1", null, null, "r.example:5000/tools/web:1"],
    ["r.example:5000/tools/web:1", digest, null, `r.example:5000/tools/web@${digest}`],
    ["r.example:5000/tools/web", digest, null, `r.example:5000/tools/web@${digest}`],
    [`web@${digest}`, digest, null, `web@${digest}`],
    ["web:1", digest, id, id],
  ];
  for (const [reference, known, knownId, expected] of cases) {
    assert.equal(imageKey({ reference, digest: known, id: knownId }), expected);
  }
});
