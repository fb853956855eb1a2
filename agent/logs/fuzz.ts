/**
 * Log records in pieces of any size: what comes out is what the whole would give, each record is
 * written and read as itself, and a tail begins at a line.
 */
import { deepStrictEqual, ok } from "node:assert/strict";
import { bytesOf, type FuzzTarget, runOf } from "../../shared/testing/fuzz_target.ts";
import { instantNs, type LogRecord, parseRecord, renderRecord } from "./record.ts";
import { createRecordStream } from "./record_stream.ts";
import { tailOffset } from "./segments.ts";

const TIME = "2026-01-02T03:04:05.123456789+00:00";

/** The bytes in pieces, each as long as the next of `sizes` says. */
function inPieces(bytes: Uint8Array, sizes: string): LogRecord[] {
  const stream = createRecordStream();
  const records: LogRecord[] = [];
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const size = 1 + (sizes.charCodeAt(piece % sizes.length) || 0);
    // The driver's buffer is used again for the next piece.
    const buffer = bytes.slice(at, at + size);
    records.push(...stream.push(buffer));
    buffer.fill(0xff);
    at += size;
  }
  return records;
}

function checkTail(bytes: Uint8Array): void {
  for (const wanted of [0, 1, 3]) {
    const { offset, lines } = tailOffset(bytes, wanted);
    ok(offset >= 0 && offset <= bytes.length, `a tail from ${offset} of ${bytes.length} bytes`);
    ok(lines <= wanted, `${lines} lines where ${wanted} are wanted`);
    ok(offset === 0 || offset === bytes.length || bytes[offset - 1] === 10, "a tail within a line");
    if (wanted > 0 && offset > 0) ok(lines === wanted, `a tail of ${lines} lines from ${offset}`);
  }
}

function check(input: string): boolean {
  const cut = input.indexOf("\n");
  const bytes = bytesOf(input.slice(cut + 1));
  const whole = createRecordStream().push(bytes);
  deepStrictEqual(inPieces(bytes, cut <= 0 ? "\x03" : input.slice(0, cut)), [...whole]);
  for (const record of whole) {
    ok(!record.text.includes("\n"), "a record of two lines");
    const again = parseRecord(renderRecord(record));
    deepStrictEqual(again, record);
    instantNs(record.time);
  }
  checkTail(bytes);
  return whole.length > 0;
}

/** An input is the sizes of the pieces on its first line, and then the file. */
export const LOG_TARGET: FuzzTarget = {
  name: "logs",
  short: 10_000,
  alphabet: 256,
  tokens: [
    `${TIME} stdout F a line\n`,
    `${TIME} stderr P a part`,
    "stdout",
    "stderr",
    " F ",
    " P ",
    " P:tag ",
    " F\n",
    "\n",
    "\r\n",
    "\0\0\0",
    "Z",
    "+25:99",
    ".999999999",
    "\xff",
    "\xe2\x82",
    "\xf0\x9f\x92\xa9",
    "2026-99-99T99:99:99Z",
    " ",
    "a".repeat(70_000),
  ],
  corpus: [
    `\x10\n${TIME} stdout F hello\n${TIME} stderr P wor\n${TIME} stderr F ld\n`,
    `\x01\x40\n\0\0\0${TIME} stdout F \n2026-01-02T03:04:05Z stdout F\n`,
    `\xff\n${TIME} stdout P ${"a".repeat(300)}\n${TIME} stdout F:x \xc3\xa9\n`,
  ],
  start: () => runOf(check),
};
