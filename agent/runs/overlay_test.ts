import assert from "node:assert/strict";
import fc from "fast-check";
import { SecretVersionId } from "../../shared/model/ids.ts";
import { DEFAULT_HISTORY } from "../../shared/model/schedule.ts";
import type { RunStart } from "../../shared/model/link.ts";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { servingOf } from "../reconcile/serving.ts";
import {
  deploymentId,
  idText,
  projectId,
  serviceId,
  testDeployment,
  testDesired,
  testSpec,
} from "../testing/intent.ts";
import { createSimulation } from "../testing/simulation.ts";
import { makeRun, type Taken, takenIn } from "./make_run.ts";
import { baseOf, freeAddress, overlaid, runDeployment, runSpec } from "./overlay.ts";

const start = (over: Partial<RunStart> = {}): RunStart => ({
  deployment: deploymentId("web"),
  command: ["sh"],
  tty: false,
  stdin: true,
  noDeps: false,
  ...over,
});

Deno.test("a run has the service's spec, but for what was asked, and is reached from nowhere", () => {
  const spec = testSpec({
    command: ["serve"],
    user: "1000",
    ports: [{ hostPort: 80, containerPort: 80, protocol: "tcp" }],
    expose: [{ port: 80, protocol: "tcp" }],
    networks: [{ network: "p/default", aliases: ["shop"] }],
    restart: { kind: "always" },
    resources: { memoryBytes: 1 << 20 },
  });
  const hook = { command: ["true"] };
  assert.deepEqual(
    runSpec({ ...spec, hooks: { postStart: [hook], preStop: [hook] } }, start()).hooks,
    { postStart: [hook], preStop: [] },
  );
  assert.deepEqual(runSpec(spec, start({ servicePorts: true })).ports, spec.ports);
  const run = runSpec(spec, start({ user: "0", workingDir: "/srv" }));
  assert.deepEqual(run, {
    ...spec,
    command: ["sh"],
    user: "0",
    workingDir: "/srv",
    terminal: { tty: false, stdin: true },
    ports: [],
    expose: [],
    networks: [{ network: "p/default", aliases: [] }],
    restart: { kind: "no" },
  });
  const macAddress = "02:42:ac:11:00:02";
  assert.equal(runSpec({ ...spec, macAddress }, start()).macAddress, undefined);
  const schedule = {
    cron: "0 3 * * *",
    overlap: "forbid" as const,
    missed: "run_once" as const,
    retries: 0,
    history: DEFAULT_HISTORY,
  };
  assert.equal(runSpec({ ...spec, macAddress, schedule }, start()).macAddress, macAddress);
  const { command: _, ...own } = start();
  assert.deepEqual(runSpec(spec, own).command, ["serve"]);
  assert.deepEqual(runSpec(spec, { ...own, entrypoint: ["env"] }).command, []);
});

Deno.test("dependencies are waited for unless told otherwise; a given variable stands above a secret", () => {
  const spec = testSpec({
    dependsOn: [{
      service: testDeployment("db").serviceName,
      condition: "service_healthy",
      required: true,
    }],
    envSecrets: ["KEY", "OTHER"].map((variable) => ({
      variable,
      name: variable,
      version: SecretVersionId.parse(idText("sec", variable)),
    })),
  });
  assert.equal(runSpec(spec, start()).dependsOn.length, 1);
  assert.equal(runSpec(spec, start({ noDeps: true })).dependsOn.length, 0);
  const { envSecrets } = runSpec(spec, start({ env: ["KEY=mine"] }));
  assert.deepEqual(envSecrets.map(({ variable }) => variable), ["OTHER"]);
});

const web = testDeployment("web", { addresses: ["10.200.7.2"] });
const ids = { deployment: deploymentId("run"), service: serviceId("run") };

function withRun(address: string) {
  const desired = testDesired([web], {
    firewall: [{
      capability: "firewall",
      project: projectId("p"),
      projectName: ProjectName.parse("p"),
      networks: [{ network: "p/default", internal: false }],
      members: [],
      published: [],
    }],
  });
  const { section, deployment } = baseOf(desired, web.id);
  const run = runDeployment(deployment, start(), ids, address, null);
  return { desired, run, over: overlaid(desired, [{ section, deployment: run }]) };
}

Deno.test("it is a deployment and a member of the service's networks, and serves under no name", () => {
  const { over, run } = withRun("10.200.7.254");
  assert.deepEqual(over.containers[0]?.deployments.map(({ id }) => id), [web.id, run.id]);
  assert.deepEqual(over.firewall[0]?.members, [
    { deployment: run.id, address: "10.200.7.254", networks: ["p/default"] },
  ]);
  const simulation = createSimulation(over, () => "healthy");
  for (const { deployments } of over.containers) {
    for (const each of deployments) simulation.place(each);
  }
  simulation.pass(10_000);
  const world = simulation.world();
  assert.deepEqual([...servingOf(world).serving.keys()], [web.id]);
  assert.deepEqual([...servingOf(world).named.keys()], [web.id]);
});

Deno.test("a project that is gone keeps its runs until they are; none leaves all as it is", () => {
  const { desired, run } = withRun("10.200.7.254");
  const { section } = baseOf(desired, web.id);
  const gone = { ...desired, containers: [] };
  const kept = overlaid(gone, [{ section, deployment: { ...run, want: "absent" } }]);
  assert.deepEqual(kept.containers[0]?.deployments.map(({ id, want }) => [id, want]), [
    [run.id, "absent"],
  ]);
  assert.equal(overlaid(desired, []), desired);
  assert.throws(() => baseOf(gone, web.id), { code: "deployment_unknown" });
});

Deno.test("the address is of the subnet and nobody's, as long as there is one", () => {
  const last = fc.uniqueArray(fc.integer({ min: 2, max: 254 }));
  fc.assert(fc.property(last, last, (wanted, seen) => {
    const deployments = wanted.map((n, i) =>
      testDeployment(`d/${i}`, { addresses: [`10.200.7.${n}`] })
    );
    const taken = new Set(seen.map((n) => `10.200.7.${n}`));
    const address = freeAddress(testDesired(deployments), taken);
    if (address === null) return assert.equal(new Set([...wanted, ...seen]).size, 253);
    const n = Number(/^10\.200\.7\.(\d+)$/.exec(address)?.[1]);
    assert.ok(n >= 2 && n <= 254);
    assert.ok(!wanted.includes(n) && !seen.includes(n));
  }));
});

Deno.test("a name that is taken and a port that leads somewhere are refused; both else are the run's", () => {
  const spec = testSpec({ ports: [{ hostPort: 80, containerPort: 8080, protocol: "tcp" }] });
  const shop = testDeployment("web", { addresses: ["10.200.7.2"], spec });
  const port = spec.ports[0];
  assert.ok(port !== undefined);
  const desired = testDesired([shop], {
    firewall: [{
      capability: "firewall",
      project: projectId("p"),
      projectName: ProjectName.parse("p"),
      networks: [],
      members: [],
      published: [{ deployment: shop.id, address: "10.200.7.2", port }],
    }],
  });
  const simulation = createSimulation(desired, () => "healthy");
  const tools = {
    seal: () => "",
    unseal: () => new Uint8Array(),
    random: (length: number) => new Uint8Array(length),
  };
  const make = (over: Partial<RunStart>, taken: Taken) =>
    makeRun(tools, desired, start({ ...over, deployment: shop.id }), taken);
  const idle = takenIn(simulation.world().seen);
  const made = make({ name: "mine", servicePorts: true }, idle);
  assert.equal(made.deployment.containerName, "mine");
  assert.deepEqual(
    overlaid(desired, [made]).firewall[0]?.published.map(({ deployment }) => deployment),
    [shop.id, made.deployment.id],
  );
  simulation.place(shop);
  const busy = takenIn(simulation.world().seen);
  assert.throws(() => make({ servicePorts: true }, busy), { code: "port_conflict" });
  assert.throws(() => make({ name: shop.containerName }, idle), { code: "name_taken" });
  const { names } = busy;
  assert.throws(() => make({ name: [...names][0] ?? "" }, busy), { code: "name_taken" });
  assert.deepEqual(make({}, busy).deployment.spec.ports, []);
});
