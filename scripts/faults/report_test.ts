import assert from "node:assert/strict";
import { merged, type Row } from "./report.ts";

const row = (fault: string, what: string, runs = 1): Row => ({
  ...{ fault, what, runs, lost: 0, wrong: 0 },
  ...{ date: "2026-01-01 00:00", commit: "abc" },
});
const ORDER = ["power", "disk"];
const BEFORE = [row("power", "apply"), row("power", "boot"), row("disk", "full")];

Deno.test("rows that ran take the place of their old ones", () => {
  assert.deepEqual(merged(BEFORE, [row("power", "apply", 9)], ORDER, true), [
    row("power", "apply", 9),
    row("power", "boot"),
    row("disk", "full"),
  ]);
});

Deno.test("a fault that ran whole leaves none of its old rows", () => {
  assert.deepEqual(
    merged(BEFORE, [row("power", "new")], ORDER, false),
    [row("power", "new"), row("disk", "full")],
  );
  assert.deepEqual(merged([row("gone", "x")], [row("disk", "full")], ORDER, true), [
    row("disk", "full"),
  ]);
});
