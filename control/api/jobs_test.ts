import assert from "node:assert/strict";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import type { JobReport, RunReport } from "../../shared/model/job.ts";
import { DeploymentId } from "../../shared/model/ids.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const model = testModel("shop", {
  web: testService(),
  backup: testService({
    "x-skerry": { schedule: { cron: "0 3 * * *", zone: "Europe/Berlin", timeout: "1h" } },
  }),
  local: testService({ "x-skerry": { schedule: { cron: "@hourly" } } }),
  off: testService({ "x-skerry": { schedule: { cron: "@daily", suspended: true } } }),
});

async function shop(): Promise<Harness> {
  const h = await createHarness();
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.settle();
  return h;
}

const params = (service: string) => ({ params: { name: "shop", service } });

/** The node tells of one service's runs. */
async function tell(h: Harness, name: string, told: Partial<JobReport>): Promise<void> {
  const service = h.agent.deployments().find((each) => each.serviceName === name)?.service;
  assert.ok(service);
  await h.agent.report({
    jobs: [{ service, skipped: null, runs: [], ...told }],
    timeZone: "America/New_York",
  });
}

function runOf(number: number, over: Partial<RunReport> = {}): RunReport {
  return {
    number,
    deployment: DeploymentId.parse(`dep_${String(number).padStart(26, "a").replace(/\d/g, "b")}`),
    container: `shop.backup.run-${number}`,
    trigger: "schedule",
    scheduledFor: 1_000,
    begunAt: 1_000,
    startedAt: 2_000,
    endedAt: 3_000,
    result: "failed",
    exitCode: 9,
    reason: { code: "exited", message: "it exited with code 9" },
    ...over,
  };
}

Deno.test("jobs: those that run by the clock, with their next times in their zone", async () => {
  await using h = await shop();
  await tell(h, "web", {});
  const jobs = await h.api.look(ENDPOINTS.jobs, {});
  const shown = jobs.items.map((job) => [
    job.name,
    job.schedule,
    job.timeZone,
    job.suspended,
    job.next === null ? null : new Date(job.next).toISOString().slice(11),
  ]);
  assert.deepEqual(shown.toSorted(), [
    ["backup", "0 3 * * *", "Europe/Berlin", null, shown.find(([name]) => name === "backup")?.[4]],
    ["local", "@hourly", "America/New_York", null, shown.find(([name]) => name === "local")?.[4]],
    ["off", "@daily", "America/New_York", "file", null],
    ["web", null, "America/New_York", null, null],
  ]);
  assert.match(String(shown.find(([name]) => name === "backup")?.[4]), /^0[12]:00:00\.000Z$/);
  assert.match(String(shown.find(([name]) => name === "local")?.[4]), /:00:00\.000Z$/);
});

Deno.test("describe job: its rules, five times, its runs and who keeps it from running", async () => {
  await using h = await shop();
  const active = runOf(2, { endedAt: null, result: null, exitCode: null, reason: null });
  await tell(h, "backup", { runs: [active, runOf(1)], suspended: true });
  const of = await h.api.look(ENDPOINTS.describeJob, params("backup"));
  assert.deepEqual(of.settings, {
    cron: "0 3 * * *",
    timeZone: "Europe/Berlin",
    overlap: "forbid",
    missed: "run_once",
    timeoutMs: 3_600_000,
    retries: 0,
    history: { successful: 3, failed: 3 },
  });
  assert.deepEqual(of.runs.map(({ number }) => number), [2, 1]);
  assert.deepEqual([of.job.active.length, of.job.last?.number], [1, 1]);
  assert.deepEqual([of.job.suspended, of.times], ["person", []]);
  await tell(h, "backup", {});
  const free = await h.api.look(ENDPOINTS.describeJob, params("backup"));
  assert.equal(free.times.length, 5);
  assert.deepEqual(free.times, free.times.toSorted((a, b) => a - b));
  assert.ok((free.times[0] ?? 0) > h.clock.now());
  const service = await h.api.look(ENDPOINTS.describeService, params("backup"));
  assert.equal(service.job?.next, free.times[0]);
  await assert.rejects(h.api.look(ENDPOINTS.describeJob, params("nope")), { status: 404 });
});

Deno.test("a person runs, ends, suspends and resumes a job, and this is in the changes", async () => {
  await using h = await shop();
  const { number } = await h.api.startRun("shop", "backup", { noDeps: false, asJob: true });
  const [started] = h.link.started;
  const backup = h.agent.deployments().find((each) => each.serviceName === "backup");
  assert.ok(backup);
  assert.deepEqual([started?.deployment, started?.asJob], [backup.id, true]);
  await h.api.stopRun("shop", "backup", number);
  assert.deepEqual(h.link.stopped, [number]);
  await h.api.suspendJob("shop", "backup", true);
  assert.deepEqual([...h.link.suspended], [backup.service]);
  await h.api.suspendJob("shop", "backup", false);
  assert.deepEqual([...h.link.suspended], []);
  const changes = await h.api.changes({ project: "shop", limit: 4 });
  assert.deepEqual(changes.map(({ summary }) => summary).toSorted(), [
    `backup began its run ${number}`,
    `backup had its run ${number} ended`,
    "backup was resumed",
    "backup was suspended",
  ]);
});

Deno.test("what cannot be suspended or resumed is told with the way out", async () => {
  await using h = await shop();
  for (
    const [service, code] of [
      ["web", "not_scheduled"],
      ["off", "suspended_in_file"],
      ["nope", "not_found"],
    ] as const
  ) {
    for (const on of [true, false]) {
      await assert.rejects(
        h.api.suspendJob("shop", service, on),
        (thrown: Error & { code?: string; remedy?: string | null }) => {
          assert.equal(thrown.code, code);
          assert.ok(thrown.remedy);
          return true;
        },
      );
    }
  }
  assert.deepEqual([...h.link.suspended], []);
});

Deno.test("a schedule is part of the spec; a service without one has the hash that it had", async () => {
  await using h = await shop();
  const web = h.agent.deployments().find((each) => each.serviceName === "web");
  assert.ok(web);
  assert.equal("schedule" in web.spec, false);
  const plan = await h.api.plan("shop", {
    ...testRequest(testModel("shop", {
      ...model.services,
      backup: testService({ "x-skerry": { schedule: { cron: "0 4 * * *" } } }),
    })),
  });
  const changed = plan.services.filter(({ change }) => change !== "unchanged");
  assert.deepEqual(changed.map(({ service }) => service), ["backup"]);
  assert.equal(changed[0]?.schedule?.cron, "0 4 * * *");
  assert.equal(changed[0]?.schedule?.times.length, 3);
});
