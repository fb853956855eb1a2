import assert from "node:assert/strict";
import { LogLine } from "../../shared/model/link.ts";
import { idText } from "../fake_control.ts";
import { UsageError } from "../usage_error.ts";
import { createLineJoiner, sinceMoment, tailCount, terminalText } from "./logs.ts";

const line = (text: string, partial: boolean, stream: "stdout" | "stderr" = "stdout") =>
  LogLine.parse({
    deployment: idText("dep", "a"),
    service: "web",
    slot: 1,
    stream,
    time: "2026-01-01T00:00:00Z",
    text,
    partial,
  });

Deno.test("records of one line are joined, each stream for itself", () => {
  const join = createLineJoiner();
  assert.equal(join(line("a", true)), null);
  assert.equal(join(line("E", false, "stderr"))?.text, "E");
  assert.equal(join(line("b", true)), null);
  assert.equal(join(line("c", false))?.text, "abc");
  assert.equal(join(line("d", false))?.text, "d");
});

Deno.test("a line without end is given out in pieces", () => {
  const join = createLineJoiner();
  const piece = "x".repeat(600_000);
  assert.equal(join(line(piece, true)), null);
  assert.equal(join(line(piece, true))?.text.length, 1_200_000);
  assert.equal(join(line(piece, true)), null);
});

Deno.test("on a terminal colours stay and what steers it goes", () => {
  const text = "\u001b[31mred\u001b[0m \u001b[2Jx\u001b]0;title\u0007y\rz\u0000\tt\u009b";
  assert.equal(terminalText(text), "\u001b[31mred\u001b[0m xyz\tt");
});

Deno.test("--since and --tail are checked", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  assert.equal(sinceMoment("10m", now), "2026-01-01T23:50:00.000Z");
  assert.equal(sinceMoment("2026-01-01T00:00:00+02:00", now), "2026-01-01T00:00:00+02:00");
  assert.throws(() => sinceMoment("yesterday", now), UsageError);
  assert.equal(tailCount(undefined), null);
  assert.equal(tailCount("all"), null);
  assert.equal(tailCount("0"), 0);
  assert.throws(() => tailCount("-1"), UsageError);
});
