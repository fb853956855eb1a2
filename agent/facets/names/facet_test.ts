import assert from "node:assert/strict";
import { sha256 } from "../../../shared/model/hash.ts";
import {
  DeploymentId,
  makeId,
  NodeId,
  PinId,
  ProjectId,
  RevisionId,
  ServiceId,
} from "../../../shared/model/ids.ts";
import { EpochId } from "../../../shared/model/ids.ts";
import type { Deployment } from "../../../shared/model/sections.ts";
import { ProjectName, ServiceName, ServiceSpec } from "../../../shared/model/service_spec.ts";
import { DnsConfig } from "../../loops/dns/config.ts";
import { digestOf, type DnsLoop, type DnsStatus } from "../../loops/dns/loop.ts";
import type { Desired, World } from "../../reconcile/world.ts";
import { createNamesFacet, planNames } from "./facet.ts";
import type { NamesSeen } from "./seen.ts";
import { wantedNames } from "./wanted.ts";
import { answeredWith } from "./withdrawn.ts";

const place = { listen: [{ hostname: "10.200.7.1", port: 53 }], upstreams: ["192.168.1.1"] };
const idBytes = (n: number) => new Uint8Array(26).fill(n);
const project = ProjectId.parse(makeId("prj", idBytes(1)));
const service = ServiceId.parse(makeId("svc", idBytes(1)));
const projectName = ProjectName.parse("shop");
const serviceName = ServiceName.parse("db");

function deployment(n: number, want: Deployment["want"] = "run"): Deployment {
  return {
    id: DeploymentId.parse(makeId("dep", idBytes(n))),
    service,
    serviceName,
    slot: n,
    revision: RevisionId.parse(makeId("rev", idBytes(n))),
    specHash: sha256(String(n)),
    kind: "service",
    want,
    replaces: null,
    order: "beside",
    orderReason: null,
    addresses: [`10.200.7.${n + 1}`],
    containerName: `shop-db-${n}`,
    image: { reference: "db:1", digest: null, id: null },
    sealedEnvironment: null,
    spec: ServiceSpec.parse({
      schema: 1,
      image: { reference: "db:1", pin: PinId.parse(makeId("pin", idBytes(1))) },
      environment: { names: [], mac: "" },
      labels: {},
      mounts: [],
      secrets: [],
      envSecrets: [],
      ports: [],
      expose: [],
      networks: [{ network: "shop/default", aliases: [] }],
      extraHosts: [],
      resources: {},
      ulimits: [],
      capAdd: [],
      capDrop: [],
      readOnly: false,
      init: false,
      stopGraceMs: 10_000,
      restart: { kind: "no" },
      health: { kind: "none", probePort: null },
      deadlineMs: 1,
      drainMs: 1,
      routed: [],
      dependsOn: [],
    }),
  };
}

function world(
  deployments: Deployment[],
  serving: Deployment[],
): Pick<World, "desired" | "named"> {
  const desired: Desired = {
    epoch: { n: 1, id: EpochId.parse(makeId("ep", idBytes(1))) },
    revision: 1,
    node: {
      capability: "node",
      node: NodeId.parse(makeId("nod", idBytes(1))),
      name: "plant",
      containerSubnet: "10.200.7.0/24",
      gateway: "10.200.7.1",
      containerRange: "10.200.0.0/16",
      meshRange: "10.100.0.0/16",
      zone: "internal",
      dnsTtlSeconds: 5,
    },
    containers: [{ capability: "containers", project, projectName, deployments }],
    volumes: [],
    secrets: [],
    names: [{
      capability: "names",
      project,
      projectName,
      services: [{
        service,
        name: serviceName,
        networks: [{ network: "shop/back", aliases: ["store"] }],
        ports: [],
      }],
    }],
    routes: [],
    images: [],
    registries: [],
    firewall: [{
      capability: "firewall",
      project,
      projectName,
      networks: [{ network: "shop/back", internal: true }],
      members: deployments.map((one) => ({
        deployment: one.id,
        address: one.addresses[0] ?? "",
        networks: ["shop/back"],
      })),
      published: [],
    }],
  };
  return { desired, named: new Map(serving.map((one) => [one.id, one])) };
}

Deno.test("intent and who serves become the server's configuration", () => {
  const [old, fresh, gone] = [deployment(1), deployment(2), deployment(3, "absent")];
  const config = wantedNames(world([fresh, old, gone], [old]), place);
  assert.deepEqual(DnsConfig.parse(config), config);
  const shape = config.hosts.map(({ address, serving, external, networks }) => ({
    address,
    serving,
    external,
    networks,
  }));
  const networks = [{ network: "shop/back", aliases: ["store"] }];
  assert.deepEqual(shape, [
    { address: "10.200.7.2", serving: true, external: false, networks },
    { address: "10.200.7.3", serving: false, external: false, networks },
  ]);
  const again = wantedNames(world([old, fresh, gone], [old]), place);
  assert.equal(digestOf(again), digestOf(config), "the order of intent does not matter");
});

Deno.test("a service on the host's network answers with the node's address, to its own project", () => {
  const [db, own] = [deployment(1), deployment(2)];
  const expose = [{ port: 8099, protocol: "tcp" as const }];
  const host = {
    ...own,
    addresses: [],
    spec: { ...own.spec, hostNetwork: true as const, networks: [], expose },
  };
  const config = wantedNames(world([db, host], [db, host]), place);
  assert.deepEqual(DnsConfig.parse(config), config);
  assert.deepEqual(config.hosts.filter((each) => each.onNode === true), [{
    address: "10.200.7.1",
    onNode: true,
    project: "shop",
    service: "db",
    slot: host.slot,
    containerName: "shop-db-2",
    networks: [{ network: "shop/back", aliases: [] }],
    serving: true,
    external: true,
  }]);
  const goes = { ...host, want: "absent" as const };
  assert.equal(
    wantedNames(world([db, goes], [db]), place).hosts.some((each) => each.onNode),
    false,
  );
});

Deno.test("the plan publishes what is not served and says what cannot be bound", () => {
  const wanted = wantedNames(world([deployment(1)], [deployment(1)]), place);
  const seen: NamesSeen = {
    alive: true,
    digest: digestOf(wanted),
    addresses: new Set(),
    withdrawnAt: new Map(),
    bindProblems: [],
  };
  assert.deepEqual(planNames(wanted, seen, 1), { kind: "converged" });
  assert.equal(planNames(wanted, { ...seen, digest: null }, 1).kind, "do");
  const problem = (code: string) => [{ address: "10.200.7.1:53", code, message: "no" }];
  const kindOf = (code: string) => planNames(wanted, { ...seen, bindProblems: problem(code) }, 1);
  assert.equal(kindOf("AddrInUse").kind, "blocked");
  assert.equal(kindOf("AddrNotAvailable").kind, "waiting");
});

Deno.test("an address that leaves the answers is withdrawn from then on, until it is back", () => {
  const [old, fresh] = [deployment(1), deployment(2)];
  const before = wantedNames(world([old, fresh], [old]), place);
  const after = wantedNames(world([old, fresh], [fresh]), place);
  const nothing = { addresses: new Set<string>(), withdrawnAt: new Map<string, number>() };
  const first = answeredWith(before, nothing, 100);
  assert.deepEqual([...first.addresses], ["10.200.7.2"]);
  const second = answeredWith(after, first, 200);
  assert.deepEqual([...second.addresses], ["10.200.7.3"]);
  assert.deepEqual([...second.withdrawnAt], [["10.200.7.2", 200]]);
  const later = answeredWith(after, second, 300);
  assert.equal(later.withdrawnAt.get("10.200.7.2"), 200, "kept");
  const back = answeredWith(before, later, 400);
  assert.deepEqual([...back.withdrawnAt], [["10.200.7.3", 400]]);
  const gone = answeredWith({ ...after, hosts: [] }, back, 500);
  assert.equal(gone.withdrawnAt.get("10.200.7.2"), 500, "no longer wanted at all");
  assert.equal(answeredWith({ ...after, hosts: [] }, gone, 500 + 3_600_000).withdrawnAt.size, 0);
});

Deno.test("what the loop acknowledged is what is seen", async () => {
  let status: DnsStatus = {
    alive: true,
    digest: null,
    served: null,
    problems: [],
    counters: null,
    restarts: 0,
  };
  const loop: DnsLoop = {
    async configure(config) {
      status = { ...status, digest: digestOf(config), served: { config, at: 7 } };
    },
    status: () => status,
    async close() {},
    fail() {},
  };
  const kept = { save: () => Promise.resolve() };
  const facet = createNamesFacet({ loop, kept, ...place });
  const signal = new AbortController().signal;
  const here = world([deployment(1), deployment(2)], [deployment(1)]);
  const config = wantedNames(here, place);
  const planned = planNames(config, await facet.observe(here.desired, signal), 1);
  assert(planned.kind === "do");
  await loop.configure(planned.step.config);
  const seen = await facet.observe(here.desired, signal);
  assert.deepEqual([...seen.addresses], ["10.200.7.2"]);
  assert.equal(seen.withdrawnAt.get("10.200.7.3"), 7);
  assert.deepEqual(planNames(config, seen, 1), { kind: "converged" });
});
