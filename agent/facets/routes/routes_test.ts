import assert from "node:assert/strict";
import { planRoutes } from "./plan.ts";
import { lastErrorLine } from "./proxy_log.ts";
import { routeReports } from "./reports.ts";
import { certifiedNames, wantedRoutes } from "./wanted.ts";
import { deployment, routesOf, type WorldInput, worldOf } from "./world_fixture.ts";

const one = deployment("one", "10.200.1.5");
const two = deployment("two", "10.200.1.6");

function serversIn(input: WorldInput): readonly string[] | undefined {
  return wantedRoutes(worldOf(input)).served[0]?.servers;
}

Deno.test("a route leads to every serving deployment of its service, at its own port", () => {
  const other = {
    ...deployment("other", "10.200.1.9"),
    service: deployment("x", "1.1.1.1").service,
  };
  const routes = [routesOf("shop", {}, { path: "/admin", port: 9000 })];
  const { served } = wantedRoutes(worldOf({ routes, serving: [two, one, other] }));
  assert.deepEqual(served.map((route) => [route.id, route.servers]), [
    ["shop/web/0", ["10.200.1.5:8080", "10.200.1.6:8080", "10.200.1.9:8080"]],
    ["shop/web/1", ["10.200.1.5:9000", "10.200.1.6:9000", "10.200.1.9:9000"]],
  ]);
});

Deno.test("an agent that knows nobody's health yet takes nobody out", () => {
  const routes = [routesOf("shop", {})];
  const seen = { servers: new Set(["10.200.1.5:8080"]) };
  const input = { routes, deployments: [one, two], seen, onceHealthy: ["one", "two"] };
  const running = ["one", "two"];
  // Of the two only the one that the proxy leads to.
  assert.deepEqual(serversIn({ ...input, running }), ["10.200.1.5:8080"]);
  const starting = { one: "starting" } as const;
  assert.deepEqual(serversIn({ ...input, running, health: starting }), ["10.200.1.5:8080"]);
  const retiring = [{ ...one, want: "retire" as const }, two];
  assert.deepEqual(serversIn({ ...input, running, deployments: retiring }), ["10.200.1.5:8080"]);
  // A proxy that has not shown its file yet, as after a start, still reads it.
  const written = { servers: new Set<string>(), writtenServers: seen.servers };
  assert.deepEqual(serversIn({ ...input, running, seen: written }), ["10.200.1.5:8080"]);

  assert.deepEqual(serversIn({ ...input, running, health: { one: "unhealthy" } }), []);
  assert.deepEqual(serversIn({ ...input, running: [] }), []);
  assert.deepEqual(serversIn({ ...input, running, onceHealthy: [] }), []);
  const absent = [{ ...one, want: "absent" as const }];
  assert.deepEqual(serversIn({ ...input, running, deployments: absent }), []);
  const replacement = { ...two, replaces: one.id };
  assert.deepEqual(
    serversIn({ ...input, running, deployments: [...retiring, two], serving: [replacement] }),
    ["10.200.1.6:8080"],
  );
});

Deno.test("published once, then converged; servers, routes and the https port change the digest", () => {
  const routes = [routesOf("shop", {})];
  const [planned] = planRoutes(worldOf({ routes, serving: [one] }), 0);
  assert.ok(planned?.verdict.kind === "do" && planned.verdict.step.kind === "publish");
  assert.equal(planned.verdict.phase, "publish");
  const { digest } = planned.verdict.step;
  const again = planRoutes(worldOf({ routes, serving: [one], seen: { digest } }), 0);
  assert.deepEqual(again, [{ subject: "routes", verdict: { kind: "converged" } }]);
  const others = [
    worldOf({ routes, serving: [two] }),
    worldOf({ routes: [routesOf("shop", { path: "/x" })], serving: [one] }),
    worldOf({ routes, serving: [one], seen: { httpsPort: 8443 } }),
  ].map((world) => wantedRoutes(world).digest);
  assert.equal(new Set([digest, ...others]).size, 4);
});

Deno.test("the proxy itself comes first", () => {
  const verdictOf = (seen: WorldInput["seen"]) =>
    planRoutes(worldOf({ routes: [], ...(seen ? { seen } : {}) }), 7)[0]?.verdict;
  const problem = (code: string) => ({
    alive: false,
    problem: { code, message: "what", remedy: "do" },
  });
  const stepOf = (seen: WorldInput["seen"]) => {
    const verdict = verdictOf(seen);
    return verdict?.kind === "do" ? verdict.step.kind : verdict?.kind;
  };
  assert.equal(stepOf({ alive: false }), "start");
  assert.equal(stepOf(problem("proxy_failed")), "start");
  assert.equal(stepOf({ ...problem("proxy_outdated"), alive: true }), "restart");
  assert.equal(stepOf(problem("proxy_hung")), "restart");
  assert.equal(stepOf(problem("proxy_starting")), "waiting");
  assert.deepEqual(verdictOf(problem("port_taken")), {
    kind: "blocked",
    reason: { code: "port_taken", message: "what" },
    remedy: "do",
  });
});

Deno.test("the project that was there first keeps a host; the later route is told which one", () => {
  const routes = [
    routesOf("zoo", { host: "same.test" }),
    routesOf("shop", { host: "Same.test" }, { host: "bad host" }),
  ];
  const world = worldOf({ routes, serving: [one] });
  const planned = planRoutes(world, 0).map(({ subject, verdict }) => [subject, verdict.kind]);
  assert.deepEqual(planned, [
    ["routes", "do"],
    ["routes:shop/web/1", "blocked"],
    ["routes:zoo/web/0", "blocked"],
  ]);
  assert.deepEqual(routeReports(world).map(({ id, reason }) => [id, reason?.code]), [
    ["web/0", "publishing"],
    ["web/1", "route_invalid_host"],
    ["web/0", "route_conflict"],
  ]);
  assert.match(routeReports(world)[2]?.reason?.message ?? "", /"shop\/web\/0"/);
});

Deno.test("a report says what serves, or why nothing does", () => {
  const routes = [routesOf("shop", {})];
  const { digest } = wantedRoutes(worldOf({ routes, serving: [one] }));
  const live = { digest, servers: new Set(["10.200.1.5:8080"]) };
  const reportOf = (input: Partial<WorldInput>) =>
    routeReports(worldOf({ routes, serving: [one], ...input }))[0];
  const report = reportOf({ seen: live });
  assert.deepEqual(report, {
    project: routes[0]?.project,
    id: "web/0",
    live: true,
    servers: ["10.200.1.5:8080"],
    reason: null,
  });
  assert.equal(reportOf({ serving: [] })?.reason?.code, "no_healthy_server");
  assert.equal(reportOf({ seen: { alive: false } })?.reason?.code, "proxy_down");
  const problem = { code: "port_taken", message: "nginx has it", remedy: "stop it" };
  assert.match(reportOf({ seen: { alive: false, problem } })?.reason?.message ?? "", /nginx/);
  const swapping = reportOf({ serving: [one, two], seen: live });
  assert.deepEqual([swapping?.live, swapping?.reason?.code], [true, "publishing"]);
});

Deno.test("the certificate covers the node's names and every sound host", () => {
  const { desired } = worldOf({
    routes: [routesOf("shop", { host: "B.test" }, { host: null }, { host: "no good" })],
  });
  assert.deepEqual(certifiedNames(desired, ["localhost", "b.test"]), ["b.test", "localhost"]);
});

Deno.test("the last thing that the proxy complained of", () => {
  assert.equal(lastErrorLine(""), null);
  const lines = [
    '{"level":"error","message":"old"}',
    '{"level":"error","message":"cannot listen","error":"address already in use"}',
    '{"level":"warn","message":"fine"}',
  ];
  assert.equal(lastErrorLine(lines.join("\n") + "\n"), "cannot listen: address already in use");
  assert.equal(lastErrorLine("command traefik error: nope\n"), "command traefik error: nope");
});
