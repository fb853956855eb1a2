import assert from "node:assert/strict";
import { ballastBytes, createBallast } from "./ballast.ts";

Deno.test("a ballast is given back slice by slice, and made whole again", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/ballast`;
    const ballast = createBallast(path, 80_000);
    assert.equal(ballast.release(), false);
    await ballast.refill();
    assert.equal(ballast.heldBytes(), 80_000);
    assert.equal(ballast.release(), true);
    assert.equal(ballast.heldBytes(), 70_000);
    // Another process of the home has the same one.
    const other = createBallast(path, 80_000);
    for (let left = 70_000; left > 0; left -= 10_000) assert.equal(other.release(), true);
    assert.deepEqual([ballast.heldBytes(), ballast.release()], [0, false]);
    await ballast.refill();
    await ballast.refill();
    assert.equal(ballast.heldBytes(), 80_000);
    const { mode } = await Deno.stat(path);
    assert.equal((mode ?? 0) & 0o777, 0o600);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a ballast is small on every disk", () => {
  const GIB = 1024 ** 3;
  for (const totalBytes of [GIB / 4, GIB, 8 * GIB, 100 * GIB, 4096 * GIB]) {
    const bytes = ballastBytes({ totalBytes });
    assert.ok(bytes > 0 && bytes <= totalBytes / 50 && bytes <= 32 * 1024 ** 2);
    assert.equal(bytes % 32_768, 0);
  }
  assert.equal(ballastBytes({ totalBytes: 0 }), 0);
});
