import assert from "node:assert/strict";
import fc from "fast-check";
import { instantNs, type LogRecord, parseRecord, renderRecord } from "./record.ts";
import { createRecordStream } from "./record_stream.ts";
import { tailOffset } from "./segments.ts";

const recordArb: fc.Arbitrary<LogRecord> = fc.record({
  time: fc.tuple(
    fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }),
    fc.nat(999_999),
  ).map(([date, rest]) =>
    date.toISOString().replace("Z", `${String(rest).padStart(6, "0")}+00:00`)
  ),
  stream: fc.constantFrom("stdout" as const, "stderr" as const),
  partial: fc.boolean(),
  text: fc.string({ unit: "grapheme" }).filter((text) => !text.includes("\n")),
}, { noNullPrototype: true });

Deno.test("a record that was rendered parses to itself", () => {
  fc.assert(fc.property(recordArb, (record) => {
    assert.deepEqual(parseRecord(renderRecord(record)), record);
  }));
});

Deno.test("bytes in pieces of any size give the same records", () => {
  fc.assert(fc.property(
    fc.array(recordArb, { maxLength: 20 }),
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1 }),
    (records, sizes) => {
      const bytes = new TextEncoder().encode(records.map((r) => `${renderRecord(r)}\n`).join(""));
      const stream = createRecordStream();
      const found: LogRecord[] = [];
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length] ?? 1;
        found.push(...stream.push(bytes.subarray(at, at + size)));
        at += size;
      }
      assert.deepEqual(found, records);
    },
  ));
});

Deno.test("no line makes the parser throw, and what is no record is null", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    parseRecord(text);
    instantNs(text);
  }));
  for (const line of ["", "x", "2026-01-01T00:00:00Z stdin F x", "2026-01-01 stdout F x"]) {
    assert.equal(parseRecord(line), null, line);
  }
});

Deno.test("an endless line is dropped, and what follows is read", () => {
  const stream = createRecordStream();
  const junk = new Uint8Array(50_000).fill(65);
  for (let i = 0; i < 10; i++) assert.deepEqual(stream.push(junk), []);
  const records = stream.push(
    new TextEncoder().encode("\n2026-01-02T03:04:05.000000001+00:00 stderr F after\n"),
  );
  assert.deepEqual(records.map((record) => record.text), ["after"]);
});

Deno.test("NUL bytes of a power cut before a record are passed over; an empty text is kept", () => {
  assert.equal(parseRecord("\0\0\x002026-01-02T03:04:05Z stdout F hi")?.text, "hi");
  assert.equal(parseRecord("2026-01-02T03:04:05Z stdout F ")?.text, "");
  assert.equal(parseRecord("2026-01-02T03:04:05Z stdout F")?.text, "");
});

Deno.test("times of different zones are ordered to the nanosecond", () => {
  assert.equal(instantNs("1970-01-01T00:00:01.000000002Z"), 1_000_000_002n);
  assert.equal(instantNs("1970-01-01T02:00:01.5+02:00"), 1_500_000_000n);
  assert.equal(instantNs("yesterday"), null);
  assert.equal(instantNs("2026-13-01T00:00:00Z"), null);
});

Deno.test("a tail of no lines begins at the end, also behind half of a record", () => {
  const bytes = new TextEncoder().encode("2026-01-02T03:04:05Z stdout F a\n2026-01-02T03");
  assert.deepEqual(tailOffset(bytes, 0), { offset: bytes.length, lines: 0 });
});
