/** Golden files: what a renderer gives is compared with a file beside the tests. */
import assert from "node:assert/strict";

/** With UPDATE_GOLDENS=1 the file is written instead, to be read before it is committed. */
export function assertGolden(name: string, actual: string): void {
  const path = new URL(`./testdata/${name}`, import.meta.url);
  if (Deno.env.get("UPDATE_GOLDENS") === "1") Deno.writeTextFileSync(path, actual);
  assert.equal(actual, Deno.readTextFileSync(path));
}
