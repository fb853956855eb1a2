import assert from "node:assert/strict";
import fc from "fast-check";
import { afterCheck, nextCheckMs, type Progress, type TimedCheck } from "./schedule.ts";

const check: TimedCheck = {
  kind: "http",
  path: "/",
  port: 80,
  intervalMs: 10_000,
  timeoutMs: 1_000,
  retries: 3,
  startPeriodMs: 30_000,
  startIntervalMs: 5_000,
};
const fresh: Progress = {
  seen: { health: "starting", since: 0, failingStreak: 0, output: null },
  looks: 0,
  countedAtMs: 0,
};
const at = (ms: number) => ({ lifeMs: ms, monotonicMs: ms, now: ms });
const failure = { ok: false, output: "HTTP 503" };

Deno.test("failures within the start period do not count, the first success does at once", () => {
  const failing = afterCheck(check, fresh, failure, at(20_000));
  assert.equal(failing.seen.health, "starting");
  assert.equal(failing.seen.failingStreak, 0);
  assert.equal(failing.seen.output, "HTTP 503");
  assert.equal(
    afterCheck(check, failing, { ok: true, output: "" }, at(21_000)).seen.health,
    "healthy",
  );
});

Deno.test("after the start period it takes `retries` failures an interval apart", () => {
  let progress = fresh;
  const healths: string[] = [];
  for (let ms = 31_000; ms <= 61_000; ms += 1_000) {
    progress = afterCheck(check, progress, failure, at(ms));
    healths.push(progress.seen.health);
  }
  assert.equal(healths.indexOf("unhealthy"), 20, "31 s, 41 s and 51 s count");
});

Deno.test("a healthy one falls ill only after `retries` failures in a row", () => {
  let progress = afterCheck(check, fresh, { ok: true, output: "" }, at(1_000));
  for (const ok of [false, false, true, false, false]) {
    progress = afterCheck(check, progress, { ok, output: "" }, at(50_000));
    assert.equal(progress.seen.health, "healthy");
  }
  progress = afterCheck(check, progress, failure, at(60_000));
  assert.equal(progress.seen.health, "unhealthy");
  assert.equal(progress.seen.since, 60_000);
});

Deno.test("a starting one is looked at sooner than its interval, a settled one at its interval", () => {
  fc.assert(fc.property(fc.nat(1_000), (looks) => {
    const ms = nextCheckMs(check, { ...fresh, looks });
    assert.ok(ms >= 10 && ms <= 1_000);
  }));
  const healthy = afterCheck(check, fresh, { ok: true, output: "" }, at(1));
  assert.equal(nextCheckMs(check, healthy), 10_000);
});
