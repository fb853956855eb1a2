import assert from "node:assert/strict";
import { createAnswerCache } from "./cache.ts";
import { createForwarder, type ForwarderControl } from "./forward.ts";
import { readAnswer } from "./message.ts";
import { encodeName } from "./name.ts";
import { parseResolvConf, parseUpstream, usableUpstreams } from "./resolv_conf.ts";
import { answerData, type Message, readMessage, writeReply } from "./testing/message.ts";
import { freePort, startUpstream, type TestUpstream } from "./testing/upstream.ts";
import { buildQuery, TYPE } from "./wire.ts";

interface Bench {
  readonly forwarder: ForwarderControl;
  readonly upstream: TestUpstream;
  /** Moves the forwarder's clock. */
  pass(ms: number): void;
  ask(name: string, limitBytes?: number): Promise<Message>;
}

async function withForwarder(
  reply: TestUpstream["reply"],
  run: (bench: Bench) => Promise<void>,
): Promise<void> {
  const upstream = startUpstream(reply);
  let now = 0;
  const forwarder = createForwarder({
    now: () => now,
    onRefused() {},
    budgetMs: 600,
    staleAfterMs: 200,
  });
  forwarder.use([{ hostname: "127.0.0.1", port: upstream.port }]);
  try {
    await run({
      forwarder,
      upstream,
      pass: (ms) => now += ms,
      async ask(name, limitBytes = 1232) {
        return readMessage(await forwarder.resolve(query(name), limitBytes));
      },
    });
  } finally {
    forwarder.close();
    await upstream.close();
  }
}

function query(name: string): Uint8Array<ArrayBuffer> {
  const wire = encodeName(name) ?? new Uint8Array(1);
  // Case as asked comes back (0x20).
  wire[1] = (wire[1] ?? 0) & ~32;
  const edns = { dnssecOk: false, udpBytes: 1232 };
  return buildQuery({ id: 4711, name: wire, type: TYPE.A, flags: 0x0100, edns });
}

const one = [{ data: "192.0.2.1", ttl: 60 }];

Deno.test("an upstream's answer comes back with the asker's id and case, then from the cache", () =>
  withForwarder(
    (asked) => writeReply(asked, { answers: one }),
    async ({ ask, upstream, pass }) => {
      const first = await ask("example.com");
      assert.equal(first.id, 4711);
      assert.equal(first.questions[0]?.name, "Example.com");
      assert.deepEqual(answerData(first), ["192.0.2.1"]);
      assert.equal(first.flag_ra, true);
      assert.deepEqual(first.additionals.map(({ type }) => type), ["OPT"]);
      pass(10_000);
      const second = await ask("example.com");
      assert.equal(second.answers[0]?.ttl, 50);
      assert.equal(upstream.seen.udp, 1);
    },
  ));

Deno.test("a dead upstream ends in SERVFAIL, or in the stale answer where there is one", () =>
  withForwarder(
    (asked) => writeReply(asked, { answers: one }),
    async ({ ask, upstream, pass }) => {
      await ask("example.com");
      upstream.reply = () => null;
      pass(120_000);
      const stale = await ask("example.com");
      assert.deepEqual(answerData(stale), ["192.0.2.1"]);
      assert.equal(stale.answers[0]?.ttl, 30);
      assert.equal((await ask("other.example")).rcode, "SERVFAIL");
      upstream.reply = (asked) => writeReply(asked, { rcode: 2 });
      pass(120_000);
      assert.deepEqual(answerData(await ask("example.com")), ["192.0.2.1"], "SERVFAIL upstream");
      upstream.reply = (asked) => writeReply(asked, { answers: [{ data: "192.0.2.9", ttl: 60 }] });
      pass(120_000);
      assert.deepEqual(answerData(await ask("example.com")), ["192.0.2.9"]);
    },
  ));

Deno.test("what does not exist is kept for the SOA's time", () =>
  withForwarder(
    (asked) => writeReply(asked, { rcode: 3, soaMinimum: 20 }),
    async ({ ask, upstream, pass }) => {
      assert.equal((await ask("no.example")).rcode, "NXDOMAIN");
      pass(19_000);
      assert.equal((await ask("no.example")).rcode, "NXDOMAIN");
      assert.equal(upstream.seen.udp, 1);
      pass(2_000);
      await ask("no.example");
      assert.equal(upstream.seen.udp, 2);
    },
  ));

Deno.test("a cut answer is asked for again over TCP, and cut for the asker as it needs", () => {
  const many = Array.from({ length: 100 }, (_, i) => ({ data: `192.0.2.${i}`, ttl: 60 }));
  return withForwarder(
    (asked, way) =>
      way === "udp" ? writeReply(asked, { truncated: true }) : writeReply(asked, { answers: many }),
    async ({ ask, upstream }) => {
      const cut = await ask("big.example");
      assert.equal(upstream.seen.tcp, 1);
      assert.equal(cut.flag_tc, true);
      assert(cut.answers.length > 40 && cut.answers.length < 100);
      const whole = await ask("big.example", 65_535);
      assert.equal(whole.flag_tc, false);
      assert.equal(whole.answers.length, 100);
    },
  );
});

Deno.test("answers with another id or question are not taken", () =>
  withForwarder(
    (asked) => {
      const forged = writeReply(asked, { answers: one });
      forged[0] = (forged[0] ?? 0) ^ 1;
      return forged;
    },
    async ({ ask }) => assert.equal((await ask("example.com")).rcode, "SERVFAIL"),
  ));

Deno.test("equal questions at one time are one exchange, and the next upstream helps out", () =>
  withForwarder(
    (asked) => writeReply(asked, { answers: one }),
    async ({ forwarder, upstream, ask }) => {
      const good = { hostname: "127.0.0.1", port: upstream.port };
      forwarder.use([{ hostname: "127.0.0.1", port: freePort() }, good]);
      const answers = await Promise.all(Array.from({ length: 20 }, () => ask("example.com")));
      assert(answers.every((answer) => answer.rcode === "NOERROR"));
      assert.equal(upstream.seen.udp, 1);
      forwarder.use([]);
      assert.equal((await ask("third.example")).rcode, "SERVFAIL");
    },
  ));

Deno.test("the cache keeps to its bounds and drops what was unused for longest", () => {
  const cache = createAnswerCache({ entries: 3, sizeBytes: 100_000, staleMs: 1_000 });
  const packet = query("a");
  const reply = writeReply(packet, { answers: one });
  const answer = readAnswer(reply, 4711, packet, 12 + 3 + 4);
  assert(answer !== null);
  for (const key of ["a", "b", "c"]) cache.put(key, answer, 0);
  cache.get("a", 1);
  cache.put("d", answer, 1);
  assert.equal(cache.get("b", 1), null);
  assert.equal(cache.size, 3);
  assert.equal(cache.get("a", 62_000), null, "past its stale time");
});

Deno.test("resolv.conf: nameservers in order, never our own addresses", () => {
  const text = [
    "# made by dhcp",
    "search lan",
    "nameserver 10.200.7.1",
    "nameserver 192.168.1.1 ",
    "nameserver 127.0.0.53",
    "nameserver fe80::1%eth0",
    "nameserver 2620:fe::fe",
    "nameserver nonsense",
    "nameserver 192.168.1.1",
    "options ndots:2",
  ].join("\n");
  const servers = parseResolvConf(text, ["10.200.7.1"]);
  assert.deepEqual(servers, ["192.168.1.1", "127.0.0.53", "2620:fe::fe"]);
});

Deno.test("upstreams are addresses with an optional port, and never our own listener", () => {
  assert.deepEqual(parseUpstream("9.9.9.9"), { hostname: "9.9.9.9", port: 53 });
  assert.deepEqual(parseUpstream("9.9.9.9:5353"), { hostname: "9.9.9.9", port: 5353 });
  assert.deepEqual(parseUpstream("[2620:fe::fe]:54"), { hostname: "2620:fe::fe", port: 54 });
  for (
    const bad of ["", "dns.example", "9.9.9.300", "9.9.9.9:0", "9.9.9.9:70000", "fe80::1%eth0"]
  ) {
    assert.equal(parseUpstream(bad), null, bad);
  }
  const listen = [{ hostname: "10.200.7.1", port: 53 }];
  assert.deepEqual(usableUpstreams(["10.200.7.1", "1.1.1.1", "8.8.8.8", "9.9.9.9"], listen, 2), [
    { hostname: "1.1.1.1", port: 53 },
    { hostname: "8.8.8.8", port: 53 },
  ]);
});
