import assert from "node:assert/strict";
import fc from "fast-check";
import { createFakeNftables } from "../../drivers/nftables/fake.ts";
import type { World } from "../../reconcile/world.ts";
import { createFirewallFacet, type FirewallStep, planFirewall } from "./facet.ts";
import type { FirewallSeen } from "./seen.ts";
import { choosePublished } from "./published.ts";
import { wantedFirewall } from "./wanted.ts";
import {
  memberId,
  testFirewallDesired,
  testFirewallWorld,
  type TestMember,
} from "./world_fixture.ts";

const home = { bridge: "sk-main", nftTable: "skerry_main" };
const ingress = { httpPort: 80, httpsPort: 443 };
const tcp = (hostPort: number, containerPort = 80, hostAddress?: string) => ({
  hostPort,
  containerPort,
  protocol: "tcp" as const,
  ...(hostAddress !== undefined && { hostAddress }),
});
const web: TestMember = {
  project: "shop",
  service: "web",
  address: "10.200.7.2",
  networks: ["shop/default"],
  ports: [tcp(8080)],
};
const blog: TestMember = {
  ...web,
  project: "blog",
  address: "10.200.7.3",
  networks: ["blog/default"],
};

function choose(world: World) {
  const { published, refused } = choosePublished(world, ingress);
  return {
    published: published.map((port) =>
      `${
        port.hostAddress ?? "*"
      }:${port.hostPort}/${port.protocol} ${port.address}:${port.containerPort}`
    ),
    refused: refused.map(({ deployment, reason }) => [deployment, reason.code]),
    text: refused.map(({ reason, remedy }) => `${reason.message}; ${remedy}`).join("\n"),
  };
}

Deno.test("a published port leads to its container", () => {
  const { published, refused } = choose(testFirewallWorld({ members: [web] }));
  assert.deepEqual(published, ["*:8080/tcp 10.200.7.2:80"]);
  assert.deepEqual(refused, []);
});

Deno.test("during a change the port leads to who serves, then to who is wanted, never to who goes", () => {
  const old = { ...web, want: "retire" as const, serves: true };
  const next = { ...web, release: "2", address: "10.200.7.9", serves: false };
  const target = (members: readonly TestMember[]) =>
    choose(testFirewallWorld({ members })).published;
  assert.deepEqual(target([old, next]), ["*:8080/tcp 10.200.7.2:80"]);
  assert.deepEqual(target([old, { ...next, serves: true }]).length, 1);
  assert.deepEqual(target([{ ...old, serves: false }, { ...next, serves: true }]), [
    "*:8080/tcp 10.200.7.9:80",
  ]);
  assert.deepEqual(target([{ ...old, serves: false }, next]), ["*:8080/tcp 10.200.7.9:80"]);
  assert.deepEqual(target([{ ...old, want: "absent", serves: false }]), []);
});

Deno.test("the port of a job that has ended leads to another that has it", () => {
  const ended: TestMember = { ...web, ended: true, startedAt: 1 };
  const other: TestMember = { ...blog, startedAt: 2 };
  const { published, refused } = choose(testFirewallWorld({ members: [ended, other] }));
  assert.deepEqual([published, refused], [["*:8080/tcp 10.200.7.3:80"], []]);
});

Deno.test("of two projects with one port the older has it, and both are named", () => {
  const world = testFirewallWorld({
    members: [{ ...web, startedAt: 200 }, { ...blog, startedAt: 100 }],
  });
  const { published, refused, text } = choose(world);
  assert.deepEqual(published, ["*:8080/tcp 10.200.7.3:80"]);
  assert.deepEqual(refused, [[memberId(web), "port_conflict"]]);
  assert.match(text, /8080\/tcp .*"shop".*"blog".*"8081:80"/s);
});

Deno.test("one port on two addresses of the host is no conflict, all addresses and one are", () => {
  const on = (member: TestMember, address?: string) => ({
    ...member,
    ports: [tcp(8080, 80, address)],
  });
  const refusedOf = (members: readonly TestMember[]) =>
    choose(testFirewallWorld({ members })).refused.length;
  assert.equal(refusedOf([on(web, "127.0.0.1"), on(blog, "198.18.0.1")]), 0);
  assert.equal(refusedOf([on(web, "127.0.0.1"), on(blog)]), 1);
  assert.equal(refusedOf([on(web, "0.0.0.0"), on(blog, "198.18.0.1")]), 1);
});

Deno.test("the ingress's port is refused with the route to write", () => {
  const world = testFirewallWorld({ members: [{ ...web, ports: [tcp(80, 3000), tcp(8443)] }] });
  const { published, refused, text } = choose(world);
  assert.deepEqual(published, ["*:8443/tcp 10.200.7.2:80"]);
  assert.deepEqual(refused, [[memberId(web), "port_is_ingress"]]);
  assert.match(text, /x-skerry:\n {2}routes:\n {4}- host: web\.example\.org\n {6}port: 3000/);
});

Deno.test("a port that another program listens on is left to it, and the program is named", () => {
  const listener = (over: object = {}) => ({
    protocol: "tcp" as const,
    address: "127.0.0.1",
    port: 8080,
    program: "nginx",
    ...over,
  });
  const at = (...listeners: ReturnType<typeof listener>[]) =>
    choose(testFirewallWorld({ members: [web], seen: { listeners } }));
  const taken = at(listener());
  assert.deepEqual(taken.published, []);
  assert.deepEqual(taken.refused, [[memberId(web), "port_taken"]]);
  assert.match(taken.text, /"nginx" of this host listens on 127\.0\.0\.1:8080.*stop "nginx"/s);
  assert.deepEqual(at(listener({ port: 8081 })).refused, []);
  assert.deepEqual(at(listener({ protocol: "udp" })).refused, []);
});

Deno.test("a program that comes later does not take a live port, a client's UDP socket none at all", () => {
  const listeners = [{ protocol: "tcp" as const, address: "0.0.0.0", port: 8080, program: null }];
  const live = [{ protocol: "tcp" as const, hostAddress: null, hostPort: 8080 }];
  assert.equal(
    choose(testFirewallWorld({ members: [web], seen: { listeners, live } })).refused.length,
    0,
  );
  const udp = { ...web, ports: [{ ...tcp(40_000), protocol: "udp" as const }] };
  const client = [{ protocol: "udp" as const, address: "0.0.0.0", port: 40_000, program: null }];
  assert.equal(
    choose(testFirewallWorld({ members: [udp], seen: { listeners: client } })).refused.length,
    0,
  );
});

Deno.test("the way out: one network that is not internal is enough, an unknown one is none", () => {
  const desired = testFirewallDesired({
    members: [
      { ...web, networks: ["shop/back"] },
      { ...web, service: "db", address: "10.200.7.4", networks: ["shop/back", "shop/default"] },
      { ...web, service: "lone", address: "10.200.7.5", networks: [] },
      // Another project on the network does not say that it is internal.
      { ...blog, networks: ["shop/back"] },
    ],
    internal: ["shop/back"],
  });
  const opened = {
    ...desired,
    firewall: desired.firewall.map((section) =>
      section.projectName === "blog"
        ? { ...section, networks: [{ network: "shop/back", internal: false }] }
        : section
    ),
  };
  const { members } = wantedFirewall(opened, home, []);
  assert.deepEqual(members.map((member) => [member.address, member.external]), [
    ["10.200.7.2", false],
    ["10.200.7.3", false],
    ["10.200.7.4", true],
    ["10.200.7.5", false],
  ]);
});

Deno.test("containers reach the named ports of their own project's services on the host, no others", () => {
  const desired = testFirewallDesired({
    members: [
      { ...web, networks: ["shop/default"] },
      { ...web, service: "onhost", address: "10.200.7.9", networks: [] },
      { ...blog, networks: ["blog/default"] },
    ],
  });
  const onHost = {
    ...desired,
    containers: desired.containers.map((section) => ({
      ...section,
      deployments: section.deployments.map((each) =>
        each.serviceName !== "onhost" ? each : {
          ...each,
          addresses: [],
          spec: {
            ...each.spec,
            hostNetwork: true as const,
            networks: [],
            expose: [{ port: 8099, protocol: "tcp" as const }],
          },
        }
      ),
    })),
  };
  assert.deepEqual(wantedFirewall(onHost, home, []).nodePorts, [
    { from: "10.200.7.2", protocol: "tcp", port: 8099 },
  ]);
});

Deno.test("it converges in one step, a second plan does nothing, and damage is mended", async () => {
  const nftables = createFakeNftables();
  const facet = createFirewallFacet({
    nftables,
    readListeners: async () => [],
    home,
    ingress,
  });
  const signal = new AbortController().signal;
  const base = testFirewallWorld({ members: [web, blog] });
  const observed = async (): Promise<World> => ({
    ...base,
    seen: { ...base.seen, firewall: await facet.observe(base.desired, signal) },
  });
  const turn = async (): Promise<readonly FirewallStep[]> => {
    const world = await observed();
    const steps = facet.plan(world, 0).flatMap(({ verdict }) =>
      verdict.kind === "do" ? [verdict.step] : []
    );
    for (const step of steps) await facet.execute(step, world, signal);
    return steps;
  };
  assert.equal((await turn()).length, 1);
  assert.equal((await turn()).length, 0);
  assert.equal(nftables.current("skerry_main")?.members.length, 2);
  nftables.tamper("skerry_main");
  assert.equal((await turn()).length, 1);
  assert.equal((await turn()).length, 0);
  // The loser of port 8080 stays blocked, with a way out, and keeps nothing else from converging.
  const verdicts = facet.plan(await observed(), 0).map(({ verdict }) => verdict.kind);
  assert.deepEqual(verdicts, ["converged", "blocked"]);
});

Deno.test("a port that a program took since the last look is left to it", async () => {
  const nftables = createFakeNftables();
  let listeners: FirewallSeen["listeners"] = [];
  const readListeners = () => Promise.resolve(listeners);
  const facet = createFirewallFacet({ nftables, readListeners, home, ingress });
  const signal = new AbortController().signal;
  const base = testFirewallWorld({ members: [web] });
  const world = async (): Promise<World> => ({
    ...base,
    seen: { ...base.seen, firewall: await facet.observe(base.desired, signal) },
  });
  const before = await world();
  listeners = [{ address: "0.0.0.0", port: 8080, protocol: "tcp", program: "socat" }];
  for (const { verdict } of facet.plan(before, 0)) {
    if (verdict.kind === "do") await facet.execute(verdict.step, before, signal);
  }
  assert.deepEqual(nftables.current("skerry_main")?.published, []);
  const after = await world();
  const kinds = facet.plan(after, 0).map(({ verdict }) => verdict.kind);
  assert.deepEqual(kinds, ["converged", "blocked"]);
});

Deno.test("any world gives a plan that the renderer accepts, whatever the order of sections", () => {
  const member = fc.record({
    project: fc.constantFrom("shop", "blog", "mill"),
    service: fc.constantFrom("a", "b", "c"),
    release: fc.constantFrom("1", "2"),
    address: fc.integer({ min: 2, max: 60 }).map((last) => `10.200.7.${last}`),
    networks: fc.uniqueArray(fc.constantFrom("shop/x", "blog/x", "mill/x", "joint"), {
      maxLength: 3,
    }),
    ports: fc.array(
      fc.record({
        hostPort: fc.integer({ min: 78, max: 90 }),
        containerPort: fc.integer({ min: 1, max: 65_535 }),
        protocol: fc.constantFrom("tcp" as const, "udp" as const),
      }),
      { maxLength: 3 },
    ),
    want: fc.constantFrom("run" as const, "retire" as const, "absent" as const),
    serves: fc.boolean(),
  });
  const members = fc.uniqueArray(member, {
    maxLength: 12,
    selector: (each) => `${each.project}/${each.service}/${each.release}`,
  });
  fc.assert(fc.property(members, (list) => {
    const world = testFirewallWorld({ members: list, internal: ["joint"] });
    const turned: World = {
      ...world,
      desired: {
        ...world.desired,
        firewall: world.desired.firewall.toReversed(),
        containers: world.desired.containers.toReversed(),
      },
    };
    const [tables] = planFirewall(world, { home, ingress });
    assert.ok(tables?.verdict.kind === "do");
    const { wanted } = tables.verdict.step;
    // No port leads to two containers, none is the ingress's.
    const keys = wanted.published.map((port) => `${port.hostPort}/${port.protocol}`);
    assert.equal(new Set(keys).size, keys.length);
    assert.ok(!keys.includes("80/tcp"));
    const addresses = wanted.members.map((each) => each.address);
    assert.equal(new Set(addresses).size, addresses.length);
    assert.deepEqual(
      choosePublished(turned, ingress).published.length,
      wanted.published.length,
    );
  }));
});
