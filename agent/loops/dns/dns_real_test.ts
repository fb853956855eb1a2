/** The whole server against dig (Debian package bind9-dnsutils) on addresses of 127.0.0.0/8. */
import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { silentLog } from "../../../shared/log.ts";
import type { DnsConfig, DnsHost } from "./config.ts";
import { createDnsLoop, type DnsLoop } from "./loop.ts";
import { answerData, readMessage, writeReply } from "./testing/message.ts";
import { freePort, startUpstream } from "./testing/upstream.ts";
import { closeQuietly } from "./tcp.ts";

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

const NAMED = [{ name: "http", port: 8080, protocol: "tcp" as const }];

function config(port: number, upstreams: string[] = []): DnsConfig {
  const replicas = Array.from(
    { length: 100 },
    (_, i) =>
      host(`127.7.1.${i}`, "shop", "many", {
        slot: i + 1,
        containerName: `shop-many-${i + 1}`,
        ports: NAMED,
      }),
  );
  return {
    zone: "internal",
    ttlSeconds: 5,
    listen: [{ hostname: "127.0.0.1", port }],
    subnet: "127.7.0.0/16",
    upstreams,
    hosts: [
      host("127.7.0.2", "shop", "db"),
      host("127.7.0.3", "shop", "web", { ports: NAMED }),
      host("127.7.0.4", "shop", "web", { slot: 2, containerName: "shop-web-2", ports: NAMED }),
      host("127.7.0.5", "blog", "db"),
      host("127.7.0.6", "blog", "app", { external: false }),
      ...replicas,
    ],
  };
}

async function dig(port: number, ...args: string[]): Promise<string> {
  const command = new Deno.Command("dig", {
    args: [
      ...(args.some((arg) => arg.startsWith("@")) ? [] : ["@127.0.0.1"]),
      ...["-p", String(port), "+tries=1", "+time=5", ...args],
    ],
    stdin: "null",
  });
  try {
    return new TextDecoder().decode((await command.output()).stdout);
  } catch (cause) {
    throw new Error("dig is missing: apt-get install bind9-dnsutils", { cause });
  }
}

async function withServer(
  upstreams: string[],
  run: (port: number, loop: DnsLoop) => Promise<void>,
): Promise<void> {
  const port = freePort();
  const loop = createDnsLoop({ clock: systemClock, log: silentLog, silenceMs: 2_500 });
  try {
    await loop.configure(config(port, upstreams));
    assert.deepEqual(loop.status().problems, []);
    await run(port, loop);
  } finally {
    await loop.close();
  }
}

/** Polls until it holds; the deadline only ends a broken run. */
async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!await holds()) {
    if (performance.now() > deadline) throw new Error(`never happened: ${what}`);
    await systemClock.sleep(50);
  }
}

/** Sends bytes as they are; null: no answer within a second. */
async function raw(port: number, packet: Uint8Array): Promise<Uint8Array | null> {
  const socket = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port: 0 });
  await socket.send(packet, { transport: "udp", hostname: "127.0.0.1", port });
  const timer = setTimeout(() => closeQuietly(socket), 1_000);
  const got = await socket.receive().then(([data]) => data, () => null);
  clearTimeout(timer);
  closeQuietly(socket);
  return got;
}

Deno.test("dig: A, NODATA, NXDOMAIN, PTR, EDNS, case, TCP, truncation", () =>
  withServer([], async (port) => {
    const a = await dig(port, "DB.Shop.internal");
    assert.match(a, /status: NOERROR/);
    assert.match(a, /flags: qr aa rd ra/);
    assert.match(a, /^DB\.Shop\.internal\.\s+5\s+IN\s+A\s+127\.7\.0\.2$/m);
    assert.match(a, /EDNS: version: 0, flags:; udp: 1232/);
    const nodata = await dig(port, "db.shop.internal", "AAAA");
    assert.match(nodata, /status: NOERROR.*\n.*ANSWER: 0, AUTHORITY: 1/);
    assert.match(nodata, /^internal\.\s+5\s+IN\s+SOA\s+ns\.dns\.internal\. .* 5$/m);
    assert.match(await dig(port, "nix.shop.internal"), /status: NXDOMAIN(.|\n)*IN\s+SOA/);
    assert.equal((await dig(port, "-x", "127.7.0.2", "+short")).trim(), "shop-db-1.shop.internal.");
    assert.match(await dig(port, "-x", "127.7.9.9"), /status: NXDOMAIN(.|\n)*arpa\.\s.*SOA/);
    const plain = await dig(port, "many.shop.internal", "+noedns", "+ignore");
    assert.match(plain, /flags: qr aa tc rd/);
    assert.match(await dig(port, "many.shop.internal"), /ANSWER: 100(.|\n)*\(TCP\)/);
    assert.match(await dig(port, "many.shop.internal", "+tcp"), /ANSWER: 100/);
    assert.match(await dig(port, "db.shop.internal", "CH", "TXT"), /status: NOTIMP/);
    assert.match(await dig(port, "db.shop.internal", "+opcode=status"), /status: NOTIMP/);
    assert.match(await dig(port, "db.shop.internal", "+edns=1", "+noednsneg"), /status: BADVERS/);
    assert.match(await dig(port, "internal", "AXFR"), /Transfer failed/);
  }));

Deno.test("dig: two projects with a db each, and replicas in turn", () =>
  withServer([], async (port) => {
    const short = async (...args: string[]) => (await dig(port, "+short", ...args)).trim();
    assert.equal(await short("-b", "127.7.0.3", "db.internal"), "127.7.0.2");
    assert.equal(await short("-b", "127.7.0.6", "db.internal"), "127.7.0.5");
    assert.equal(await short("-b", "127.7.0.6", "db"), "127.7.0.5");
    assert.equal(await short("-b", "127.7.0.6", "db.shop.internal"), "");
    const search = ["+search", "+domain=blog.internal"];
    assert.equal(await short("-b", "127.7.0.6", ...search, "db"), "127.7.0.5");
    const first = new Set<string>();
    for (let i = 0; i < 4; i++) first.add((await short("web.shop.internal")).split("\n")[0] ?? "");
    assert.deepEqual([...first].sort(), ["127.7.0.3", "127.7.0.4"]);
    assert.match(await dig(port, "-b", "127.7.0.99", "db.shop.internal"), /status: REFUSED/);
  }));

Deno.test("dig: SRV of a named port, its targets along with it, by network and within its limit", () =>
  withServer([], async (port) => {
    const name = "_http._tcp.web.shop.internal";
    const srv = await dig(port, name, "SRV");
    assert.match(srv, /ANSWER: 2, AUTHORITY: 0, ADDITIONAL: 3/);
    assert.match(
      srv,
      /^_http\._tcp\.web\.shop\.internal\.\s+5\s+IN\s+SRV\s+0 0 8080 shop-web-1\.shop\.internal\.$/m,
    );
    assert.match(srv, /^shop-web-2\.shop\.internal\.\s+5\s+IN\s+A\s+127\.7\.0\.4$/m);
    assert.match(await dig(port, name, "SRV", "+noedns"), /ADDITIONAL: 2\b/);
    const bare = await dig(port, "shop-web-2.shop.internal", "+short");
    assert.equal(bare.trim(), "127.7.0.4", "a target resolves");
    assert.match(await dig(port, "-b", "127.7.0.6", name, "SRV"), /status: NXDOMAIN/);
    assert.match(await dig(port, name), /status: NOERROR(.|\n)*ANSWER: 0, AUTHORITY: 1/);
    const many = "_http._tcp.many.shop.internal";
    assert.match(await dig(port, many, "SRV", "+ignore"), /flags: qr aa tc rd/);
    assert.match(await dig(port, many, "SRV"), /ANSWER: 100, AUTHORITY: 0, ADDITIONAL: 101/);
  }));

Deno.test("malformed packets are answered with FORMERR and harm nothing", () =>
  withServer([], async (port) => {
    const header = [0xab, 0xcd, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for (const bytes of [[0xab, 0xcd, 1], header, [...header, 0xc0, 12, 0, 1, 0, 1]]) {
      const answer = await raw(port, Uint8Array.from(bytes));
      assert.deepEqual([...answer?.subarray(0, 2) ?? []], [0xab, 0xcd]);
      assert.equal((answer?.[3] ?? 0) & 15, 1);
    }
    assert.equal(await raw(port, Uint8Array.of(1, 2, 0x80, 0)), null, "an answer is ignored");
    assert.match(await dig(port, "db.shop.internal"), /127\.7\.0\.2/);
  }));

Deno.test("foreign names are forwarded, except for who has no way out and within the zone", async () => {
  const asked: string[] = [];
  const upstream = startUpstream((query) => {
    asked.push(readMessage(query).questions[0]?.name ?? "");
    return writeReply(query, { answers: [{ data: "192.0.2.1", ttl: 60 }] });
  });
  try {
    await withServer([`127.0.0.1:${upstream.port}`], async (port) => {
      const short = async (...args: string[]) => (await dig(port, "+short", ...args)).trim();
      assert.equal(await short("Example.com"), "192.0.2.1");
      assert.equal(await short("example.com", "+tcp"), "192.0.2.1");
      assert.match(await dig(port, "-b", "127.7.0.6", "example.com"), /status: NXDOMAIN/);
      assert.match(await dig(port, "leak.internal"), /status: NXDOMAIN/);
      assert.match(await dig(port, "internal", "TXT"), /status: NOERROR/);
      assert.deepEqual(asked.map((name) => name.toLowerCase()), ["example.com"]);
    });
  } finally {
    await upstream.close();
  }
});

Deno.test("a container with servers of its own asks those, keeps its cache apart, and sees our names", async () => {
  const answering = (address: string) =>
    startUpstream((query) => writeReply(query, { answers: [{ data: address, ttl: 60 }] }));
  const [nodes, own] = [answering("192.0.2.1"), answering("192.0.2.2")];
  try {
    await withServer([`127.0.0.1:${nodes.port}`], async (port, loop) => {
      const before = config(port, [`127.0.0.1:${nodes.port}`]);
      const hosts = before.hosts.map((each) =>
        each.address === "127.7.0.3" ? { ...each, upstreams: [`127.0.0.1:${own.port}`] } : each
      );
      await loop.configure({ ...before, hosts });
      const short = async (...args: string[]) => (await dig(port, "+short", ...args)).trim();
      assert.equal(await short("example.com"), "192.0.2.1");
      assert.equal(await short("-b", "127.7.0.3", "example.com"), "192.0.2.2");
      assert.equal(await short("-b", "127.7.0.3", "example.com", "+tcp"), "192.0.2.2");
      assert.equal(await short("-b", "127.7.0.2", "example.com"), "192.0.2.1");
      assert.equal(await short("-b", "127.7.0.3", "db.shop.internal"), "127.7.0.2");
      await loop.configure(before);
      assert.equal(await short("-b", "127.7.0.3", "example.com"), "192.0.2.1");
    });
  } finally {
    await nodes.close();
    await own.close();
  }
});

Deno.test("an upstream that is our own listener is not asked", () =>
  (async () => {
    const port = freePort();
    const loop = createDnsLoop({ clock: systemClock, log: silentLog });
    try {
      await loop.configure(config(port, [`127.0.0.1:${port}`]));
      assert.match(await dig(port, "example.com"), /status: SERVFAIL/);
    } finally {
      await loop.close();
    }
  })());

for (const how of ["die", "throw", "stall"] as const) {
  Deno.test(`a Worker that fails (${how}) is replaced and told again`, () =>
    withServer([], async (port, loop) => {
      const { digest, restarts } = loop.status();
      loop.fail(how);
      await until("a restart", () => loop.status().restarts > restarts);
      await until("the configuration", () => loop.status().digest === digest);
      // A Worker that stalls ends when it comes back, and its sockets go then.
      await until("the sockets", () => loop.status().problems.length === 0);
      assert.match(await dig(port, "db.shop.internal"), /127\.7\.0\.2/);
    }));
}

Deno.test("an address that is taken is reported and bound once it is free", async () => {
  const port = freePort();
  const blocker = Deno.listen({ hostname: "127.0.0.1", port });
  const loop = createDnsLoop({ clock: systemClock, log: silentLog });
  try {
    await loop.configure(config(port));
    assert.equal(loop.status().problems[0]?.address, `127.0.0.1:${port}`);
    assert.equal(loop.status().problems[0]?.code, "AddrInUse");
    blocker.close();
    await until("the socket", () => loop.status().problems.length === 0);
    assert.match(await dig(port, "db.shop.internal", "+tcp"), /127\.7\.0\.2/);
  } finally {
    closeQuietly(blocker);
    await loop.close();
  }
});

Deno.test("a new configuration changes the answers and keeps the sockets; the answer's address is the asked one", () =>
  withServer([], async (port, loop) => {
    const next = config(port);
    next.listen.push({ hostname: "127.0.0.9", port });
    next.hosts = [host("127.7.0.8", "shop", "db")];
    await loop.configure(next);
    assert.match(await dig(port, "db.shop.internal", "+short"), /^127\.7\.0\.8$/m);
    const both = await dig(port, "@127.0.0.9", "db.shop.internal");
    assert.match(both, /SERVER: 127\.0\.0\.9/);
    next.hosts = [host("127.7.0.8", "shop", "db", { serving: false })];
    await loop.configure(next);
    assert.match(await dig(port, "db.shop.internal"), /NOERROR(.|\n)*internal\.\s+1\s+IN\s+SOA/);
  }));

Deno.test("several questions go over one TCP connection", () =>
  withServer([], async (port) => {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const query = Uint8Array.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 2, 100, 98, 4]
      .concat([...new TextEncoder().encode("shop\x08internal")], [0, 0, 1, 0, 1]));
    await connection.write(Uint8Array.of(0, query.length, ...query, 0, query.length, ...query));
    const buffer = new Uint8Array(512);
    let length = 0;
    while (length < 2 * (2 + query.length + 16)) {
      length += await connection.read(buffer.subarray(length)) ?? 512;
    }
    connection.close();
    const size = (buffer[1] ?? 0) + (buffer[0] ?? 0) * 256;
    assert.deepEqual(answerData(readMessage(buffer.subarray(2, 2 + size))), ["127.7.0.2"]);
    assert.equal(length, 2 * (2 + size));
  }));
