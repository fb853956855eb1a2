import assert from "node:assert/strict";
import type { LogLine } from "../client/log_lines.ts";
import { createLogMemory } from "../client/log_memory.ts";

function line(second: number, text: string, more: Partial<LogLine> = {}): LogLine {
  const time = `2026-01-01T00:00:${String(second).padStart(2, "0")}.000000001Z`;
  return {
    deployment: "dep_1",
    service: "web",
    slot: 1,
    stream: "stdout",
    time,
    text,
    partial: false,
    ...more,
  };
}

/** What of these is shown, with gaps in brackets. */
function shown(memory: ReturnType<typeof createLogMemory>, lines: readonly LogLine[]): string[] {
  return lines.filter((each) => memory.isNew(each)).flatMap((each) => {
    const after = memory.gapBefore(each);
    return after === null ? [each.text] : [`[after ${after.slice(17, 19)}]`, each.text];
  });
}

Deno.test("a stream that broke goes on without a lost or doubled line, also of one moment", () => {
  const memory = createLogMemory();
  assert.equal(memory.since, null);
  memory.again();
  assert.deepEqual(shown(memory, [line(10, "a"), line(11, "b"), line(11, "c")]), ["a", "b", "c"]);
  assert.equal(memory.since, "2026-01-01T00:00:10.000Z");
  memory.again();
  const came = [line(10, "a"), line(11, "b"), line(11, "c"), line(11, "d"), line(12, "e")];
  assert.deepEqual(shown(memory, came), ["d", "e"]);
  memory.again();
  assert.deepEqual(shown(memory, [line(10, "a"), ...came.slice(1)]), []);
});

Deno.test("a line of another container that came late is shown", () => {
  const memory = createLogMemory();
  memory.again();
  assert.deepEqual(shown(memory, [line(10, "a"), line(12, "b")]), ["a", "b"]);
  memory.again();
  const late = line(11, "late", { deployment: "dep_2" });
  assert.deepEqual(shown(memory, [line(10, "a"), late, line(12, "b")]), ["late"]);
});

Deno.test("where the box kept no line between, it is said once", () => {
  const memory = createLogMemory();
  memory.again();
  assert.deepEqual(shown(memory, [line(10, "a"), line(12, "b")]), ["a", "b"]);
  memory.again();
  assert.deepEqual(shown(memory, [line(40, "x"), line(41, "y")]), ["[after 12]", "x", "y"]);
  memory.again();
  assert.deepEqual(shown(memory, [line(40, "x"), line(41, "y"), line(43, "z")]), ["z"]);
});
