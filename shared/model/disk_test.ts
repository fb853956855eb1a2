import assert from "node:assert/strict";
import fc from "fast-check";
import { isNearlyFull, levelOf, reserveBytes, type Space, usedPercent } from "./disk.ts";

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
const high = { highPercent: 85 };
const space = (totalBytes: number, freeBytes: number, over: Partial<Space> = {}): Space => ({
  totalBytes,
  usedBytes: totalBytes - freeBytes,
  freeBytes,
  inodes: 0,
  freeInodes: 0,
  ...over,
});

Deno.test("a disk fills before it is full, in bytes and in files", () => {
  assert.equal(levelOf(space(100 * GIB, 20 * GIB), high), "ok");
  assert.equal(levelOf(space(100 * GIB, 15 * GIB), high), "filling");
  assert.equal(levelOf(space(100 * GIB, GIB), high), "filling");
  assert.equal(levelOf(space(100 * GIB, GIB - 1), high), "full");
  const files = { inodes: 100_000, freeInodes: 15_000 };
  assert.equal(levelOf(space(100 * GIB, 90 * GIB, files), high), "filling");
  assert.equal(levelOf(space(100 * GIB, 90 * GIB, { ...files, freeInodes: 900 }), high), "full");
});

Deno.test("what stays with those that run fits the disk", () => {
  assert.equal(reserveBytes({ totalBytes: 500 * MIB }), 50 * MIB);
  assert.equal(reserveBytes({ totalBytes: GIB }), 64 * MIB);
  assert.equal(reserveBytes({ totalBytes: 8 * GIB }), Math.round(8 * GIB / 20));
  assert.equal(reserveBytes({ totalBytes: 4096 * GIB }), GIB);
  assert.ok(isNearlyFull(space(100 * GIB, 3 * GIB), 2 * GIB + 1));
  assert.ok(!isNearlyFull(space(100 * GIB, 3 * GIB), 2 * GIB));
});

Deno.test("percentages stay percentages, of an empty file system too", () => {
  const size = fc.nat({ max: 2 ** 50 });
  fc.assert(fc.property(size, size, size, fc.nat({ max: 1e9 }), (total, used, free, inodes) => {
    const percent = usedPercent({
      totalBytes: total,
      usedBytes: used,
      freeBytes: free,
      inodes,
      freeInodes: Math.floor(inodes / 3),
    });
    assert.ok(percent >= 0 && percent <= 100);
  }));
  assert.equal(usedPercent(space(0, 0)), 0);
});
