import assert from "node:assert/strict";
import { Report } from "../../shared/model/report.ts";
import { serviceId, testDeployment, testDesired, testNode } from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";
import { makeReport } from "./report.ts";

const frame = {
  node: testNode,
  bootId: "boot",
  sequence: 0,
  at: 1_000_000,
  agent: { version: "test", features: [] },
};

Deno.test("a report keeps to its schema, also while the proxy cannot run", () => {
  const web = testDeployment("web", { addresses: ["10.200.7.10"] });
  const desired = testDesired([web]);
  const [section] = desired.containers;
  assert.ok(section);
  const simulation = createSimulation({
    ...desired,
    routes: [{
      capability: "routes",
      project: section.project,
      projectName: section.projectName,
      routes: [{
        id: "web/0",
        service: serviceId("web"),
        serviceName: web.serviceName,
        host: "web.test",
        path: "/",
        port: 8080,
        tls: "both",
        allow: [],
      }],
    }],
  }, () => "healthy");
  simulation.place(web);
  simulation.plan();
  const world = simulation.world();
  const problem = { code: "port_taken", message: "80 is taken", remedy: "free it" };
  const routes = { ...world.seen.routes, alive: false, problem, servers: new Set<string>() };
  const report = makeReport(frame, {
    disk: null,
    now: frame.at,
    world: { ...world, seen: { ...world.seen, routes } },
    state: "processing",
    verdicts: [],
    routes: [],
    jobs: [],
    timeZone: "UTC",
  });
  assert.deepEqual(Report.parse(report), report);
  const [deployment] = report.deployments;
  assert.equal(deployment?.stage, "traefik_updating");
  assert.deepEqual(deployment?.reason, { code: "port_taken", message: "80 is taken" });
});
