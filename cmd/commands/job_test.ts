import assert from "node:assert/strict";
import { createHarness, type Harness } from "../../control/testing/harness.ts";
import { testModel, testRequest, testService } from "../../control/testing/models.ts";
import type { Transport } from "../../shared/api/client.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import { DeploymentId } from "../../shared/model/ids.ts";
import type { JobReport, RunReport } from "../../shared/model/job.ts";
import { createFakeHost, idleDaemons } from "../fake_host.ts";
import { runProgram } from "../program.ts";

const model = testModel("plant", {
  web: testService(),
  backup: testService({
    "x-skerry": { schedule: { cron: "0 3 * * *", zone: "UTC", missed_within: "2h", retries: 1 } },
  }),
});
const RUN = DeploymentId.parse("dep_aaaaaaaaaaaaaaaaaaaaaaaaaa");
const THREE = Date.parse("2026-01-01T03:00:00Z");

const failed: RunReport = {
  number: 7,
  deployment: RUN,
  container: "plant.backup.1.run-aaaaaaaa",
  trigger: "schedule",
  scheduledFor: THREE,
  begunAt: THREE,
  startedAt: THREE + 1_000,
  endedAt: THREE + 63_000,
  result: "failed",
  exitCode: 9,
  reason: { code: "exited", message: "it exited with code 9" },
};

async function plant(): Promise<Harness> {
  const h = await createHarness();
  await h.api.createRelease("plant", testRequest(model));
  await h.agent.settle();
  return h;
}

async function tell(h: Harness, told: Partial<JobReport>): Promise<void> {
  const backup = h.agent.deployments().find((each) => each.serviceName === "backup");
  assert.ok(backup);
  const jobs = [{ service: backup.service, skipped: null, runs: [], ...told }];
  await h.agent.report({ jobs, timeZone: "UTC" });
}

async function skerryVia(transport: Transport, args: readonly string[]) {
  const host = createFakeHost({ transport, env: { NO_COLOR: "1" } });
  const code = await runProgram([...args], host, idleDaemons);
  return { code, out: host.printed(), err: host.said() };
}

function skerry(h: Harness, ...args: string[]) {
  return skerryVia((request) => h.app.fetch(request, { kind: "root", via: "socket" }), args);
}

Deno.test("get jobs: when each runs next and how it ran last; those that never ran too", async () => {
  await using h = await plant();
  assert.match(
    (await skerry(h, "get", "jobs")).out,
    /^PROJECT +JOB +SCHEDULE +ZONE .*\nplant +backup +0 3 \* \* \* +UTC +- +- +20\d\d-\d\d-\d\d 03:00 \(in \d+d\) +0 +-\n$/,
  );
  await tell(h, {
    runs: [failed],
    skipped: {
      count: 2,
      scheduledFor: THREE,
      reason: { code: "overlap", message: "run 6 was still under way" },
    },
  });
  const { out } = await skerry(h, "get", "jobs");
  assert.match(
    out,
    / failed +20\d\d-\d\d-\d\d 03:00.* skipped 2 times: run 6 was still under way\n/,
  );
  const [job] = JSON.parse((await skerry(h, "get", "jobs", "-o", "json")).out);
  assert.deepEqual([job.name, job.last.exitCode, job.skipped.count], ["backup", 9, 2]);
});

Deno.test("describe job: rules, next times, runs, the last lines of the one that failed, events", async () => {
  await using h = await plant();
  await tell(h, {
    runs: [{ ...failed, number: 8, result: "succeeded", exitCode: 0, reason: null }, failed],
  });
  h.link.lines.push({
    deployment: RUN,
    service: "backup",
    slot: 1,
    stream: "stderr",
    time: "2026-01-01T03:01:00Z",
    text: "no space left",
    partial: false,
  });
  const subject = { project: "plant", service: "backup", slot: null, deployment: RUN };
  const event: NodeEvent = { at: THREE, kind: "run_begun", subject, message: "run 7 begins" };
  h.link.happened.push(event);
  const { out } = await skerry(h, "describe", "job", "backup");
  assert.match(out, /^plant\/backup \(job\): at rest\n {2}schedule +0 3 \* \* \* in UTC\n/);
  assert.match(
    out,
    /overlap +forbid\n {2}missed +run_once within 2h 0m\n {2}timeout +none\n {2}retries +1\n/,
  );
  assert.equal((/\nNext\n((?: {2}.*\n)+)/.exec(out)?.[1] ?? "").trim().split("\n").length, 5);
  assert.match(
    out,
    /\n {2}7 +schedule +2026-01-01 03:00.* +1m 2s +failed +9 +it exited with code 9\n/,
  );
  assert.match(out, /\nLast lines of run 7\n {2}no space left\n/);
  assert.match(out, /\nEvents\n[^]*run_begun +run 7 begins\n/);
});

Deno.test("job run --wait ends as its run ends", async () => {
  await using h = await plant();
  for (const [result, code] of [["succeeded", 0], ["failed", 1], ["timed_out", 1]] as const) {
    const number = h.link.started.length + 1;
    await tell(h, { runs: [{ ...failed, number, result }] });
    const run = await skerry(h, "job", "run", "backup", "--wait");
    assert.deepEqual([run.code, run.out], [code, `${number}\n`], run.err);
    assert.match(run.err, new RegExp(`run ${number} of backup ${result}: it exited with code 9\n`));
  }
});

Deno.test("job run --wait of a run that its job does not remember says how it would", async () => {
  await using h = await plant();
  await tell(h, { runs: [{ ...failed, number: 1, endedAt: null, result: null }] });
  let looks = 0;
  const { code, err } = await skerryVia(async (request) => {
    if (request.method === "GET" && request.url.endsWith("/jobs/backup") && looks++ === 2) {
      await tell(h, {});
    }
    return await h.app.fetch(request, { kind: "root", via: "socket" });
  }, ["job", "run", "backup", "--wait"]);
  assert.equal(code, 1);
  assert.match(err, /run 1 of "backup" has ended, and the job remembers no such run\n.*history/);
});

Deno.test("suspend, resume and stop reach the node; what is no job is refused", async () => {
  await using h = await plant();
  assert.equal((await skerry(h, "job", "suspend", "backup")).code, 0);
  assert.equal(h.link.suspended.size, 1);
  assert.equal((await skerry(h, "job", "resume", "backup")).code, 0);
  assert.equal(h.link.suspended.size, 0);
  assert.equal((await skerry(h, "job", "stop", "backup", "7")).code, 0);
  assert.deepEqual(h.link.stopped, [7]);
  const refused = await skerry(h, "job", "suspend", "web");
  assert.equal(refused.code, 1);
  assert.match(refused.err, /service "web" is not run by the clock\n.*skerry get jobs/);
  assert.equal((await skerry(h, "job", "stop", "backup", "first")).code, 2);
});
