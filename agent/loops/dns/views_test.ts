import assert from "node:assert/strict";
import fc from "fast-check";
import { answer, FORWARD } from "./answer.ts";
import type { DnsConfig, DnsHost } from "./config.ts";
import { encodeName } from "./name.ts";
import { answerData, readMessage } from "./testing/message.ts";
import { compileViews, type Views } from "./views.ts";
import { buildQuery, createQuery, readQuery, TYPE } from "./wire.ts";

function host(address: string, project: string, service: string, more: Partial<DnsHost> = {}) {
  return {
    address,
    project,
    service,
    slot: 1,
    containerName: `${project}-${service}-1`,
    networks: [{ network: `${project}/default`, aliases: [] }],
    serving: true,
    external: true,
    ...more,
  };
}

function config(hosts: DnsHost[], more: Partial<DnsConfig> = {}): DnsConfig {
  return {
    zone: "internal",
    ttlSeconds: 5,
    listen: [{ hostname: "10.200.7.1", port: 53 }],
    subnet: "10.200.7.0/24",
    upstreams: [],
    hosts,
    ...more,
  };
}

interface Told {
  readonly rcode: string;
  readonly data: readonly string[];
  readonly soa: boolean;
  readonly truncated: boolean;
}

/** One question, its answer read by another implementation; null: it would be forwarded. */
function ask(views: Views, asker: string, name: string, type = TYPE.A as number): Told | null {
  const packet = buildQuery({
    id: 1,
    name: encodeName(name) ?? new Uint8Array(1),
    type,
    flags: 0x0100,
    edns: null,
  });
  const query = createQuery();
  const kind = readQuery(query, packet, packet.length);
  const out = new Uint8Array(65_535);
  const length = answer(views.of(asker), query, kind, packet, out, query.udpBytes);
  if (length === FORWARD) return null;
  const read = readMessage(out.subarray(0, length));
  return {
    rcode: read.rcode,
    data: answerData(read),
    soa: read.authorities.some(({ type }) => type === "SOA"),
    truncated: read.flag_tc,
  };
}

const two = config([
  host("10.200.7.2", "shop", "db"),
  host("10.200.7.3", "shop", "web"),
  host("10.200.7.4", "shop", "web", { slot: 2, containerName: "shop-web-2" }),
  host("10.200.7.5", "blog", "db"),
  host("10.200.7.6", "blog", "mail", { serving: false }),
]);

Deno.test("two projects with a db each find their own", () => {
  const views = compileViews(two);
  assert.deepEqual(ask(views, "10.200.7.3", "db.shop.internal")?.data, ["10.200.7.2"]);
  assert.deepEqual(ask(views, "10.200.7.3", "db")?.data, ["10.200.7.2"]);
  assert.deepEqual(ask(views, "10.200.7.6", "db.blog.internal")?.data, ["10.200.7.5"]);
  assert.deepEqual(ask(views, "10.200.7.6", "db.internal")?.data, ["10.200.7.5"]);
  assert.equal(ask(views, "10.200.7.3", "db.blog.internal")?.rcode, "NXDOMAIN");
  assert.deepEqual(ask(views, "10.200.7.3", "SHOP-web-2.shop.internal")?.data, ["10.200.7.4"]);
});

Deno.test("the host sees every service of every project, and a short name where it is unique", () => {
  const views = compileViews(two);
  assert.deepEqual(ask(views, "127.0.0.1", "db.shop.internal")?.data, ["10.200.7.2"]);
  assert.deepEqual(ask(views, "192.168.1.9", "web.internal")?.data, ["10.200.7.3", "10.200.7.4"]);
  const ambiguous = ask(views, "127.0.0.1", "db.internal");
  assert.deepEqual(ambiguous, { rcode: "NOERROR", data: [], soa: true, truncated: false });
});

Deno.test("one on the node's own network is answered, and is nobody who asks", () => {
  const views = compileViews(config([
    host("10.200.7.1", "shop", "onhost", { onNode: true }),
    host("10.200.7.2", "shop", "web"),
    host("10.200.7.3", "other", "web"),
  ]));
  assert.deepEqual(ask(views, "10.200.7.2", "onhost.shop.internal")?.data, ["10.200.7.1"]);
  assert.notEqual(ask(views, "10.200.7.3", "onhost.shop.internal")?.rcode, "NOERROR");
  // The node itself goes on seeing every project.
  assert.deepEqual(ask(views, "10.200.7.1", "web.other.internal")?.data, ["10.200.7.3"]);
  assert.deepEqual(ask(views, "127.0.0.1", "onhost.shop.internal")?.data, ["10.200.7.1"]);
});

Deno.test("a name that exists is NODATA, one that does not is NXDOMAIN, both with the SOA", () => {
  const views = compileViews(two);
  const nodata = { rcode: "NOERROR", data: [], soa: true, truncated: false };
  assert.deepEqual(ask(views, "127.0.0.1", "db.shop.internal", TYPE.AAAA), nodata);
  assert.deepEqual(ask(views, "127.0.0.1", "shop.internal"), nodata, "an empty non-terminal");
  assert.deepEqual(ask(views, "127.0.0.1", "internal"), nodata);
  assert.deepEqual(ask(views, "127.0.0.1", "mail.blog.internal"), nodata, "none serves");
  const nothing = { ...nodata, rcode: "NXDOMAIN" };
  assert.deepEqual(ask(views, "127.0.0.1", "nix.shop.internal"), nothing);
  assert.deepEqual(ask(views, "127.0.0.1", "a.db.shop.internal"), nothing);
});

Deno.test("a named port is told by SRV with a target for each replica, within what the asker reaches", () => {
  const ports = [{ name: "http", port: 8080, protocol: "tcp" as const }];
  const views = compileViews(config([
    host("10.200.7.2", "shop", "db"),
    host("10.200.7.3", "shop", "web", { ports }),
    host("10.200.7.4", "shop", "web", { slot: 2, containerName: "shop-web-2", ports }),
    host("10.200.7.5", "shop", "web", {
      slot: 3,
      containerName: "shop-web-3",
      ports,
      serving: false,
    }),
    host("10.200.7.6", "blog", "db"),
    host("10.200.7.7", "blog", "app", { ports, serving: false }),
  ]));
  const srv = (asker: string, name: string) => ask(views, asker, name, TYPE.SRV);
  const target = (name: string) =>
    JSON.stringify({ priority: 0, weight: 0, port: 8080, target: `${name}.shop.internal` });
  const name = "_http._tcp.web.shop.internal";
  for (const asker of ["10.200.7.2", "127.0.0.1"]) {
    assert.deepEqual(srv(asker, name)?.data, [
      target("shop-web-1"),
      target("shop-web-2"),
    ]);
  }
  assert.deepEqual(ask(views, "10.200.7.2", "shop-web-2.shop.internal")?.data, ["10.200.7.4"]);
  assert.equal(srv("10.200.7.6", name)?.rcode, "NXDOMAIN", "another project does not see it");
  const nodata = { rcode: "NOERROR", data: [], soa: true, truncated: false };
  assert.deepEqual(srv("10.200.7.7", "_http._tcp.app.blog.internal"), nodata, "none serves");
  assert.deepEqual(ask(views, "10.200.7.2", name), nodata, "it has no address");
  assert.deepEqual(ask(views, "10.200.7.2", "_tcp.web.shop.internal"), nodata);
  assert.equal(srv("10.200.7.2", "_grpc._tcp.web.shop.internal")?.rcode, "NXDOMAIN");
});

Deno.test("addresses lead back to names within what the asker reaches", () => {
  const views = compileViews(two);
  const ptr = (asker: string, name: string) => ask(views, asker, name, TYPE.PTR);
  const name = "2.7.200.10.in-addr.arpa";
  assert.deepEqual(ptr("127.0.0.1", name)?.data, ["shop-db-1.shop.internal"]);
  assert.equal(ptr("10.200.7.5", name)?.rcode, "NXDOMAIN");
  assert.equal(ptr("127.0.0.1", "99.7.200.10.in-addr.arpa")?.rcode, "NXDOMAIN");
  assert.equal(ptr("127.0.0.1", "7.200.10.in-addr.arpa")?.rcode, "NOERROR");
  assert.equal(ptr("127.0.0.1", "1.1.1.1.in-addr.arpa"), null, "forwarded");
});

Deno.test("aliases hold on their network, and another project's name where the own has none", () => {
  const shared = "edge/shared";
  const views = compileViews(config([
    host("10.200.7.2", "shop", "web", {
      networks: [{ network: "shop/default", aliases: [] }, { network: shared, aliases: [] }],
    }),
    host("10.200.7.3", "blog", "api", {
      networks: [{ network: "blog/default", aliases: ["inner"] }, {
        network: shared,
        aliases: ["outer"],
      }],
    }),
    host("10.200.7.4", "blog", "web", { networks: [{ network: shared, aliases: [] }] }),
    host("10.200.7.5", "wiki", "api", { networks: [{ network: "wiki/default", aliases: [] }] }),
  ]));
  const from = (name: string) => ask(views, "10.200.7.2", name);
  assert.deepEqual(from("api")?.data, ["10.200.7.3"]);
  assert.deepEqual(from("api.shop.internal")?.data, ["10.200.7.3"]);
  assert.deepEqual(from("outer")?.data, ["10.200.7.3"]);
  assert.equal(from("inner")?.rcode, "NXDOMAIN");
  assert.deepEqual(from("web")?.data, ["10.200.7.2"], "the own project's goes first");
  assert.deepEqual(from("web.blog.internal")?.data, ["10.200.7.4"]);
  assert.deepEqual(from("web.internal"), {
    rcode: "NOERROR",
    data: [],
    soa: true,
    truncated: false,
  });
});

Deno.test("no alias and no service name takes the place of another's name in the zone", () => {
  const networks = (...aliases: string[]) => [{ network: "edge/shared", aliases }];
  const views = compileViews(config([
    host("10.200.7.2", "shop", "db", { networks: networks() }),
    host("10.200.7.3", "evil", "db.shop", { networks: networks("internal", "db.shop.internal") }),
  ]));
  for (const asker of ["10.200.7.2", "10.200.7.3", "127.0.0.1"]) {
    assert.deepEqual(ask(views, asker, "db.shop.internal")?.data, ["10.200.7.2"]);
    assert.equal(ask(views, asker, "internal", TYPE.SOA)?.data.length, 1);
    assert.deepEqual(ask(views, asker, "internal")?.data, []);
  }
});

Deno.test("who has no way out is told at once that a foreign name does not exist", () => {
  const views = compileViews(config([host("10.200.7.2", "shop", "db", { external: false })]));
  assert.equal(ask(views, "10.200.7.2", "example.com")?.rcode, "NXDOMAIN");
  assert.equal(ask(views, "10.200.7.77", "db.shop.internal")?.rcode, "REFUSED", "a stranger");
  assert.equal(ask(views, "127.0.0.1", "example.com"), null, "forwarded");
  assert.equal(ask(views, "127.0.0.1", "com")?.rcode, "NXDOMAIN", "a single label is not");
});

Deno.test("replicas take turns, and what does not fit is cut with TC", () => {
  const replicas = Array.from(
    { length: 40 },
    (_, i) =>
      host(`10.200.7.${i + 2}`, "shop", i < 3 ? "web" : "many", {
        slot: i + 1,
        containerName: `c${i}`,
      }),
  );
  const views = compileViews(config(replicas));
  const first = new Set<string>();
  const query = createQuery();
  const packet = buildQuery({
    id: 1,
    name: encodeName("web.internal") ?? new Uint8Array(1),
    type: TYPE.A,
    flags: 0,
    edns: null,
  });
  for (let i = 0; i < 3; i++) {
    const out = new Uint8Array(512);
    const kind = readQuery(query, packet, packet.length);
    const length = answer(views.of("127.0.0.1"), query, kind, packet, out, 512);
    const { answers } = readMessage(out.subarray(0, length));
    assert.equal(answers.length, 3);
    first.add(String(answers[0]?.data));
  }
  assert.equal(first.size, 3);
  const many = ask(views, "127.0.0.1", "many.internal");
  assert.equal(many?.truncated, true);
  assert((many?.data.length ?? 0) > 20);
});

Deno.test("ANY is answered with one record set, the apex has SOA and NS, transfers are refused", () => {
  const views = compileViews(two);
  assert.deepEqual(ask(views, "127.0.0.1", "db.shop.internal", TYPE.ANY)?.data, ["10.200.7.2"]);
  assert.equal(ask(views, "127.0.0.1", "internal", TYPE.SOA)?.data.length, 1);
  assert.deepEqual(ask(views, "127.0.0.1", "internal", TYPE.NS)?.data, ["ns.dns.internal"]);
  assert.deepEqual(ask(views, "127.0.0.1", "ns.dns.internal")?.data, ["10.200.7.1"]);
  assert.equal(ask(views, "127.0.0.1", "internal", TYPE.AXFR)?.rcode, "REFUSED");
});

Deno.test("an asker never sees an address that it shares no network with", () => {
  const networks = ["a/default", "b/default", "a/back", "x/shared"];
  const anyHost = fc.record({
    project: fc.constantFrom("a", "b", "c"),
    service: fc.constantFrom("db", "web", "api", "a"),
    slot: fc.integer({ min: 1, max: 3 }),
    networks: fc.uniqueArray(fc.constantFrom(...networks), { maxLength: 3 }),
    alias: fc.constantFrom("db", "store", "a"),
    serving: fc.boolean(),
  });
  const labels = ["db", "web", "api", "a", "b", "c", "store"];
  const names = labels.flatMap((one) => [
    one,
    `${one}.internal`,
    ...["a", "b", "c"].map((project) => `${one}.${project}.internal`),
  ]);
  fc.assert(fc.property(fc.array(anyHost, { minLength: 1, maxLength: 8 }), (drawn) => {
    const hosts = drawn.map((one, i) =>
      host(`10.200.7.${i + 2}`, one.project, one.service, {
        slot: one.slot,
        containerName: `${one.project}-${one.service}-${i}`,
        networks: one.networks.map((network) => ({ network, aliases: [one.alias] })),
        serving: one.serving,
      })
    );
    const views = compileViews(config(hosts));
    for (const asker of hosts) {
      const own = new Set(asker.networks.map(({ network }) => network));
      const reached = new Set(
        hosts.filter((one) => one.serving && one.networks.some(({ network }) => own.has(network)))
          .map((one) => one.address),
      );
      for (const name of names) {
        for (const address of ask(views, asker.address, name)?.data ?? []) {
          assert(reached.has(address), `${asker.address} was told ${address} for ${name}`);
        }
      }
    }
  }));
});
