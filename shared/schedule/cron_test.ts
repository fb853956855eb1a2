import assert from "node:assert/strict";
import fc from "fast-check";
import { cronFault, followsTime, isTimeZone, latestTime, nextTime, nextTimes } from "./cron.ts";

const at = (text: string) => Date.parse(text);
const texts = (times: readonly number[]) => times.map((each) => new Date(each).toISOString());
const berlin = (cron: string, from: string, count: number) =>
  texts(nextTimes({ cron, timeZone: "Europe/Berlin" }, at(from), count)).map((each) =>
    each.slice(5, 16)
  );

Deno.test("a time that does not exist is taken at the first moment after the gap", () => {
  // On 2026-03-29 02:00 in Berlin is followed by 03:00, which is 01:00 UTC.
  assert.deepEqual(berlin("30 2 * * *", "2026-03-28T12:00:00Z", 2), ["03-29T01:00", "03-30T00:30"]);
  assert.deepEqual(berlin("0 2 * * *", "2026-03-28T12:00:00Z", 2), ["03-29T01:00", "03-30T00:00"]);
  assert.deepEqual(berlin("0 3 * * *", "2026-03-28T12:00:00Z", 2), ["03-29T01:00", "03-30T01:00"]);
});

Deno.test("a time that exists twice is taken the first time alone", () => {
  // On 2026-10-25 03:00 in Berlin is followed by 02:00, which is 01:00 UTC.
  assert.deepEqual(berlin("30 2 * * *", "2026-10-24T12:00:00Z", 2), ["10-25T00:30", "10-26T01:30"]);
});

Deno.test("a schedule of every so often follows the time that passes", () => {
  assert.deepEqual(berlin("*/30 * * * *", "2026-03-29T00:00:00Z", 3), [
    "03-29T00:30",
    "03-29T01:00",
    "03-29T01:30",
  ]);
  assert.deepEqual(berlin("30 * * * *", "2026-10-24T23:45:00Z", 3), [
    "10-25T00:30",
    "10-25T01:30",
    "10-25T02:30",
  ]);
  assert.deepEqual(berlin("*/30 2 * * *", "2026-03-28T12:00:00Z", 1), ["03-30T00:00"]);
  assert.deepEqual(berlin("*/30 2 * * *", "2026-10-24T12:00:00Z", 4), [
    "10-25T00:00",
    "10-25T00:30",
    "10-25T01:00",
    "10-25T01:30",
  ]);
});

Deno.test("seconds, nicknames, last days and weekdays are understood", () => {
  const utc = (cron: string) =>
    texts([nextTime({ cron, timeZone: "UTC" }, at("2026-01-01T00:00:00Z")) ?? 0])[0];
  assert.equal(utc("*/15 * * * * *"), "2026-01-01T00:00:15.000Z");
  assert.equal(utc("@daily"), "2026-01-02T00:00:00.000Z");
  assert.equal(utc("0 3 L * *"), "2026-01-31T03:00:00.000Z");
  assert.equal(utc("0 3 * * MON"), "2026-01-05T03:00:00.000Z");
  assert.equal(utc("0 0 29 2 *"), "2028-02-29T00:00:00.000Z");
});

Deno.test("which schedules are about the time that passes", () => {
  for (
    const cron of [
      "* * * * *",
      "0 * * * *",
      "@hourly",
      "*/5 3 * * *",
      "0 8-18 * * *",
      "* 0 3 * * *",
    ]
  ) {
    assert.ok(followsTime(cron), cron);
  }
  for (
    const cron of [
      "0 3 * * *",
      "@daily",
      "@weekly",
      "0,30 3,15 * * *",
      "5 0 3 * * 1-5",
      "0 3 */2 * *",
    ]
  ) {
    assert.ok(!followsTime(cron), cron);
  }
});

Deno.test("what is no schedule is told", () => {
  const cases = ["", "61 * * * *", "a", "* * * *", "* * * * * * *", "0 0 30 2 *", "@reboot"];
  for (
    const wrong of [...cases, "2026-01-01T00:00:00", "*/0 * * * *", "5-1 * * * *", "@secondly"]
  ) {
    assert.notEqual(cronFault(wrong), null, wrong);
  }
  for (const right of ["0 3 * * *", "*/5 * * * * *", "@hourly", "0 0 29 2 *", "0 0 * * MON-FRI"]) {
    assert.equal(cronFault(right), null, right);
  }
  assert.deepEqual(["Europe/Berlin", "UTC", "Mars/Phobos", ""].map(isTimeZone), [
    true,
    true,
    false,
    false,
  ]);
});

const field = (from: number, to: number) =>
  fc.oneof(
    fc.constant("*"),
    fc.integer({ min: from, max: to }).map(String),
    fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
  );
const cron = fc.tuple(
  fc.oneof(fc.constant(""), field(0, 59).map((each) => `${each} `)),
  field(0, 59),
  field(0, 23),
  fc.oneof(fc.constant("*"), fc.integer({ min: 1, max: 28 }).map(String)),
  fc.oneof(fc.constant("*"), fc.integer({ min: 1, max: 12 }).map(String)),
  fc.oneof(fc.constant("*"), fc.integer({ min: 0, max: 6 }).map(String)),
).map(([seconds, ...rest]) => `${seconds}${rest.join(" ")}`);
const timeZone = fc.constantFrom(
  "UTC",
  "Europe/Berlin",
  "America/Santiago",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "America/St_Johns",
);
const moment = fc.integer({ min: at("2020-01-01T00:00:00Z"), max: at("2035-01-01T00:00:00Z") });

Deno.test("times are later than asked for, and rise", () => {
  fc.assert(
    fc.property(cron, timeZone, moment, (cron, timeZone, from) => {
      const times = nextTimes({ cron, timeZone }, from, 5);
      assert.equal(cronFault(cron), null);
      assert.equal(times.length, 5);
      assert.deepEqual([from, ...times].toSorted((a, b) => a - b), [from, ...times]);
      assert.equal(new Set([from, ...times]).size, 6);
    }),
    { numRuns: 60 },
  );
});

Deno.test("the latest time is a time of the schedule with none between it and the end", () => {
  fc.assert(
    fc.property(
      cron,
      timeZone,
      moment,
      fc.integer({ min: 1, max: 40 * 86_400_000 }),
      (cron, timeZone, after, span) => {
        const of = { cron, timeZone };
        const until = after + span;
        const latest = latestTime(of, after, until);
        const first = nextTime(of, after);
        if (latest === null) return assert.ok(first === null || first > until);
        assert.ok(latest > after && latest <= until && first !== null && first <= latest);
        assert.equal(nextTime(of, latest - 1), latest);
        assert.ok((nextTime(of, latest) ?? Infinity) > until);
      },
    ),
    { numRuns: 60 },
  );
});
