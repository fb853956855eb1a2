import assert from "node:assert/strict";
import { createHarness, type Harness } from "../../control/testing/harness.ts";
import { testModel, testRequest, testService } from "../../control/testing/models.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import type { DeploymentReport, KernelReport } from "../../shared/model/report.ts";
import { createFakeHost, idleDaemons } from "../fake_host.ts";
import { runProgram } from "../program.ts";

const model = testModel("shop", {
  web: testService({
    "x-skerry": { routes: [{ path: "/", port: 8080, tls: "both", host: "shop.example" }] },
    mem_limit: String(64 << 20),
    pids_limit: 64,
    volumes: [{ type: "volume", source: "data", target: "/data", read_only: true }],
    networks: { default: null, back: { aliases: ["front"] } },
  }),
}, {
  volumes: { data: { name: "shop_data" } },
  networks: { default: { name: "shop_default" }, back: { name: "shop_back", internal: true } },
});

const kernel: KernelReport = {
  limits: { memoryBytes: null, cpus: null, pids: 64, ulimits: [] },
  refusedProcesses: 7,
  memoryKills: 2,
};

/** A shop with one container that the kernel does not hold to its memory. */
async function shop(h: Harness): Promise<DeploymentReport> {
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.settle();
  const [web] = h.agent.deployments();
  assert.ok(web);
  const report: DeploymentReport = {
    id: web.id,
    stage: "starting",
    reason: { code: "unhealthy", message: "its health check failed 3 times: refused" },
    health: "unhealthy",
    container: {
      id: "c0ffee".padEnd(64, "0"),
      state: "running",
      exitCode: null,
      startedAt: h.clock.now() - 5_000,
      finishedAt: null,
    },
    restarts: 2,
    pull: null,
    kernel,
  };
  await h.agent.report({ deployments: [report] });
  const subject = { project: "shop", service: "web", slot: 1, deployment: web.id };
  const happened: NodeEvent[] = [
    { at: 1_000, kind: "intent_received", subject: null, message: "what is wanted is revision 1" },
    { at: 2_000, kind: "exited", subject, message: "it exited with code 1" },
    { at: 3_000, kind: "restarting", subject, message: "is started again at 00:00:09 UTC" },
    { at: 4_000, kind: "exited", subject, message: "it exited with code 1" },
    { at: 5_000, kind: "restarting", subject, message: "is started again at 00:00:19 UTC" },
    { at: 6_000, kind: "route_published", subject, message: "shop.example/ leads to it" },
  ];
  h.link.happened.push(...happened);
  return report;
}

function hostOf(h: Harness) {
  return createFakeHost({
    transport: (request) => h.app.fetch(request, { kind: "root", via: "socket" }),
    env: { NO_COLOR: "1" },
  });
}

async function run(h: Harness, args: string[], host = hostOf(h)) {
  const code = await runProgram(["describe", ...args], host, idleDaemons);
  return { code, out: host.printed(), err: host.said() };
}

Deno.test("each kind of thing is described, by each of its names, with its events", async () => {
  await using h = await createHarness();
  const { id } = await shop(h);
  const release = (await h.api.projects())[0]?.release ?? "";
  const cases: [string[], RegExp[]][] = [
    [["service", "web"], [
      /^shop\/web \(service\): starting, 1 of 1 running\n/,
      /Limits\n {2}memory 64 MiB \(kernel: none\): not as wished\n {2}pids 64 \(kernel: 64\)\n/,
      /7 processes refused since its start.*\n {2}2 of its processes killed since its start/,
      /health check failed 3 times: refused/,
      // The same over and over is one line, also where it names the time of the next try.
      /1970-01-01 00:00:04Z {2}2 since 00:00:02Z +shop\/web\/1 +exited +it exited/,
      /2 since 00:00:03Z +shop\/web\/1 +restarting +is started again at 00:00:19 UTC/,
    ]],
    ...["web", "web/1", "shop/web", "shop/web/1", id, "c0ffee"].map((
      name,
    ): [string[], RegExp[]] => [
      ["container", name],
      [
        /^shop\/web\/1 \(service\): starting, health unhealthy\n/,
        /container +c0ffee0+ \(running\)\n/,
        /restarts +2\n/,
        /memory 64 MiB \(kernel: none\): not as wished/,
        /Events\n[^]*exited/,
      ],
    ]),
    [["node"], [
      /^box \(node\): idle\n/,
      /Containers\n[^]*shop +web\/1 +run +starting/,
      /Volumes\n[^]*shop +data +not made yet/,
      /Events\n[^]*intent_received/,
    ]],
    [["volume", "data"], [
      /^shop\/data \(volume\): not made yet\n/,
      /Mounts\n[^]*web\/1 +\/data +read only/,
    ]],
    [["route", "web"], [
      /^shop\/web\/0 \(route\): not live\n/,
      /leads to +web, port 8080\n/,
      /Events\n[^]*route_published +shop.example\/ leads to it\n$/,
    ]],
    [["route", "shop/web/0"], [/^shop\/web\/0/]],
    [["network", "back"], [
      /^shop\/back \(network\): 1 on it\n/,
      /way out +none: it is internal/,
      /shop +web\/1 +10\.210\.0\.\d+ +front/,
    ]],
    [["project"], [
      /^shop \(project\): done\n/,
      /Services\n[^]*web +0\/1 +starting/,
      /Networks\n[^]*shop\/back +no +shop\/web/,
      /Releases, the newest first\n[^]*1 +rel_\w+ +done/,
    ]],
    [["release"], [/ \(release of shop\): done\n/, /What it does\n[^]*web\/1 +created/]],
    [["release", "1"], [new RegExp(`^${release} `)]],
    [["release", release], [new RegExp(`^${release} `)]],
  ];
  for (const [args, patterns] of cases) {
    const { code, out, err } = await run(h, args);
    assert.equal(code, 0, `${args.join(" ")}: ${err}`);
    for (const pattern of patterns) assert.match(out, pattern, args.join(" "));
    const json = JSON.parse((await run(h, [...args, "-o", "json"])).out);
    assert.ok(Array.isArray(json.events), args.join(" "));
  }
});

Deno.test("what is not there is said with the command that lists what is", async () => {
  await using h = await createHarness();
  await shop(h);
  for (const kind of ["container", "node", "volume", "route", "network", "project", "release"]) {
    const { code, out, err } = await run(h, [kind, "nonesuch"]);
    assert.deepEqual([code, out], [1, ""], kind);
    assert.match(err, new RegExp(`there is no ${kind} "nonesuch"\\n.*skerry get ${kind}s`));
  }
  assert.equal((await run(h, ["service", "nonesuch", "-p", "shop"])).code, 1);
});

Deno.test("a description is watched: again whole with each change, until it is gone", async () => {
  await using h = await createHarness();
  const report = await shop(h);
  const host = hostOf(h);
  const stages = () =>
    host.printed().split("\n").filter((line) => line !== "")
      .map((line) => JSON.parse(line).container.stage);
  const shown = async (stage: string) => {
    const deadline = performance.now() + 60_000;
    while (stages().at(-1) !== stage) {
      assert.ok(performance.now() < deadline, host.printed());
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  const going = run(h, ["container", "web", "-w", "-o", "json"], host);
  await shown("starting");
  await h.agent.report({ deployments: [{ ...report, stage: "running", health: "healthy" }] });
  await shown("running");
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  const { code, err } = await going;
  assert.equal(code, 0);
  assert.match(err, /^it is gone: there is no deployment dep_/);
  // A word on its end may come between.
  assert.deepEqual(stages().slice(0, 2), ["starting", "running"]);
});

Deno.test("a service is found without -p where one project alone has it", async () => {
  await using h = await createHarness();
  for (const [name, service] of [["shop", "web"], ["plant", "plc"]] as const) {
    await h.api.createRelease(name, testRequest(testModel(name, { [service]: testService() })));
  }
  await h.agent.settle();
  const described = async (service: string) => {
    const host = createFakeHost({
      transport: (request) => h.app.fetch(request, { kind: "root", via: "socket" }),
    });
    const code = await runProgram(["describe", "service", service], host, idleDaemons);
    return { code, out: host.printed(), err: host.said() };
  };
  assert.match((await described("plc")).out, /^plant\/plc /);
  assert.match((await described("web")).out, /^shop\/web /);
  const none = await described("nothing");
  assert.equal(none.code, 1);
  assert.match(none.err, /no project has a service "nothing"\n {2}`skerry get services` lists/);
});
