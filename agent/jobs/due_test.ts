import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_HISTORY, type Schedule } from "../../shared/model/schedule.ts";
import { nextTimes } from "../../shared/schedule/cron.ts";
import { serviceId } from "../testing/intent.ts";
import { dueRuns, expressionOf, type JobMark, ON_TIME_MS, SET_BACK_MS } from "./due.ts";

const service = serviceId("job");
const ZONE = "Europe/Berlin";
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const daily = (over: Partial<Schedule> = {}): Schedule => ({
  cron: "0 3 * * *",
  overlap: "forbid",
  missed: "run_once",
  retries: 0,
  history: DEFAULT_HISTORY,
  ...over,
});
const at = (text: string) => Date.parse(text);
/** 03:00 in Berlin. */
const THREE = at("2026-11-21T02:00:00Z");

/** A job under a clock that a test sets; gives what was run. */
function createBox(schedule: Schedule, start: number) {
  let marks = new Map<typeof service, JobMark>();
  let wanted = schedule;
  const look = (now: number) => {
    const { due, marks: changed } = dueRuns([{ service, schedule: wanted }], marks, now, ZONE);
    marks = new Map([...marks, ...changed]);
    return due.map(({ kind, scheduledFor }) => `${kind} ${new Date(scheduledFor).toISOString()}`);
  };
  assert.deepEqual(look(start), []);
  return { look, change: (next: Schedule) => void (wanted = next) };
}

Deno.test("a time is run once, when it has come", () => {
  const { look } = createBox(daily(), THREE - HOUR);
  assert.deepEqual(look(THREE - 1), []);
  assert.deepEqual(look(THREE + 5), ["on_time 2026-11-21T02:00:00.000Z"]);
  assert.deepEqual(look(THREE + 6), []);
  assert.deepEqual(look(THREE + DAY - 1), []);
  assert.deepEqual(look(THREE + DAY), ["on_time 2026-11-22T02:00:00.000Z"]);
});

Deno.test("of what was missed the last is made up for, or none, or only while it is not too late", () => {
  const back = THREE + 5 * DAY + HOUR;
  assert.deepEqual(createBox(daily(), THREE - HOUR).look(back), [
    "made_up 2026-11-26T02:00:00.000Z",
  ]);
  assert.deepEqual(createBox(daily({ missed: "skip" }), THREE - HOUR).look(back), [
    "missed 2026-11-26T02:00:00.000Z",
  ]);
  const short = daily({ missedWithinMs: HOUR / 2 });
  assert.deepEqual(createBox(short, THREE - HOUR).look(back), [
    "missed 2026-11-26T02:00:00.000Z",
  ]);
  assert.deepEqual(createBox(short, THREE - HOUR).look(back - HOUR / 2), [
    "made_up 2026-11-26T02:00:00.000Z",
  ]);
});

Deno.test("a clock that jumps ten years and back runs a job once there, and on as before here", () => {
  for (const cron of ["0 3 * * *", "* * * * * *"]) {
    const { look } = createBox(daily({ cron }), THREE + HOUR);
    assert.equal(look(THREE + 10 * 365 * DAY).length, 1);
    assert.deepEqual(look(THREE + 2 * HOUR), []);
    assert.equal(look(THREE + DAY).length, 1);
  }
});

Deno.test("a clock that is set back by little runs no time again", () => {
  const { look } = createBox(daily(), THREE - HOUR);
  assert.equal(look(THREE + 1000).length, 1);
  assert.deepEqual(look(THREE - 10 * 60_000), []);
  assert.deepEqual(look(THREE + 2000), []);
  assert.equal(look(THREE + DAY).length, 1);
});

Deno.test("what is run every so often goes on at once where the clock is set back, and runs the last time no second time", () => {
  for (const back of [10, 10 * 60_000, 2 * HOUR, 20 * HOUR]) {
    const { look } = createBox(daily({ cron: "* * * * *" }), THREE - 1);
    assert.equal(look(THREE + 5).length, 1);
    const now = THREE + 5 - back;
    assert.deepEqual(look(now), []);
    assert.deepEqual(look(now + 6), []);
    assert.equal(look(Math.ceil((now + 10) / 60_000) * 60_000 + 60_000).length, 1);
  }
});

Deno.test("a box that starts in 1970 until it is told the time does not run twice what it ran", () => {
  const { look } = createBox(daily(), THREE - HOUR);
  assert.equal(look(THREE + 1000).length, 1);
  assert.deepEqual(look(60_000), []);
  assert.deepEqual(look(THREE + 8 * HOUR), []);
  assert.equal(look(THREE + DAY).length, 1);
});

Deno.test("another schedule, or one that was suspended, has missed nothing", () => {
  const box = createBox(daily({ cron: "0 12 * * *" }), THREE - HOUR);
  box.change(daily());
  assert.deepEqual(box.look(THREE + HOUR), []);
  box.change(daily({ suspended: true }));
  assert.deepEqual(box.look(THREE + 2 * HOUR), []);
  assert.deepEqual(box.look(THREE + DAY + HOUR), []);
  box.change(daily());
  assert.deepEqual(box.look(THREE + DAY + 2 * HOUR), []);
  assert.equal(box.look(THREE + 2 * DAY).length, 1);
});

Deno.test("the zone of the node counts where the schedule has none", () => {
  assert.equal(expressionOf(daily(), "UTC"), "0 3 * * * UTC");
  assert.equal(expressionOf(daily({ timeZone: ZONE }), "UTC"), `0 3 * * * ${ZONE}`);
});

const cron = fc.constantFrom("0 3 * * *", "*/15 * * * *", "*/7 * * * * *", "30 2 * * *", "@weekly");
const gaps = fc.array(fc.integer({ min: 0, max: 40 * DAY }), { minLength: 1, maxLength: 40 });

Deno.test("on a clock that goes forward no time is run twice, and each look gives one run at most", () => {
  fc.assert(
    fc.property(cron, gaps, (cron, gaps) => {
      const { look } = createBox(daily({ cron }), THREE);
      const seen = new Set<string>();
      let now = THREE;
      for (const gap of gaps) {
        const before = now;
        now += gap;
        const due = look(now);
        assert.ok(due.length <= 1);
        const first = nextTimes({ cron, timeZone: ZONE }, before, 1)[0] ?? Infinity;
        assert.equal(due.length, first <= now ? 1 : 0);
        for (const each of due) {
          const [, time = ""] = each.split(" ");
          assert.ok(!seen.has(time));
          seen.add(time);
          assert.equal(each.startsWith("on_time"), now - at(time) <= ON_TIME_MS);
        }
      }
    }),
    { numRuns: 50 },
  );
});

Deno.test("however the clock is set, a job that is looked at every second runs no more often than seconds pass", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -20 * 365 * DAY, max: 20 * 365 * DAY }), { maxLength: 30 }),
      (jumps) => {
        const { look } = createBox(daily({ cron: "* * * * *" }), THREE);
        let now = THREE;
        let runs = 0;
        for (const jump of jumps) {
          now = Math.max(0, now + jump);
          runs += look(now).length;
          runs += look(now).length;
        }
        assert.ok(runs <= jumps.length);
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(SET_BACK_MS > ON_TIME_MS);
});
