import assert from "node:assert/strict";
import fc from "fast-check";
import { fuzzDns } from "./fuzz.ts";
import { encodeName, nameText } from "./name.ts";
import { buildQuery, createQuery, hashName, readQuery, TYPE } from "./wire.ts";

const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const name = fc.array(label, { maxLength: 6 }).map((labels) => labels.join(".") || ".");
const bytes = fc.uint8Array({ maxLength: 600 });

function good(text: string): Uint8Array<ArrayBuffer> {
  const packet = buildQuery({
    id: 7,
    name: encodeName(text) ?? new Uint8Array(1),
    type: TYPE.A,
    flags: 0x0100,
    edns: null,
  });
  return packet;
}

Deno.test("a query that was built is read as it was", () => {
  fc.assert(fc.property(
    name,
    fc.integer({ min: 0, max: 0xffff }),
    fc.integer({ min: 0, max: 0xffff }),
    fc.boolean(),
    fc.option(fc.record({ dnssecOk: fc.boolean(), udpBytes: fc.nat({ max: 0xffff }) })),
    (text, id, type, recursion, edns) => {
      const wire = encodeName(text);
      assert(wire !== null);
      const packet = buildQuery({ id, name: wire, type, flags: recursion ? 0x0100 : 0, edns });
      const query = createQuery();
      assert.equal(readQuery(query, packet, packet.length), "query");
      assert.equal(query.id, id);
      assert.equal(query.type, type);
      assert.equal(query.hash, hashName(wire, wire.length));
      assert.deepEqual(query.name.slice(0, query.nameLength), new Uint8Array(wire));
      assert.equal(nameText(query.name.subarray(0, query.nameLength)), text.toLowerCase());
      assert.equal(query.edns, edns !== null);
      assert.equal(query.dnssecOk, edns?.dnssecOk ?? false);
      assert(query.udpBytes >= 512 && query.udpBytes <= 1232);
    },
  ));
});

Deno.test("reading never throws, whatever the bytes", () => {
  const query = createQuery();
  fc.assert(
    fc.property(bytes, (packet) => {
      readQuery(query, packet, packet.length);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("random and damaged packets are answered within their limit", () => {
  const { runs, answered } = fuzzDns({ runs: 20_000, seed: 1 });
  assert.equal(runs, 20_000);
  assert(answered > 5_000);
});

Deno.test("what is malformed is told apart", () => {
  const query = createQuery();
  const kind = (packet: Uint8Array) => readQuery(query, packet, packet.length);
  const changed = (at: number, byte: number) => {
    const packet = good("db.shop.internal");
    packet[at] = byte;
    return packet;
  };
  assert.equal(kind(good("db.shop.internal")), "query");
  assert.equal(kind(new Uint8Array(1)), "ignore");
  assert.equal(kind(new Uint8Array(5)), "formerr");
  assert.equal(kind(changed(2, 0x81)), "ignore", "an answer is never answered");
  assert.equal(kind(changed(2, 0x28)), "notimp", "opcode UPDATE");
  assert.equal(kind(changed(5, 0)), "formerr", "no question");
  assert.equal(kind(changed(5, 2)), "formerr", "two questions");
  assert.equal(kind(changed(7, 1)), "formerr", "an answer record in a query");
  assert.equal(kind(changed(12, 0xc0)), "formerr", "a compressed question");
  assert.equal(kind(changed(12, 63)), "formerr", "a label beyond the end");
  assert.equal(kind(changed(good("db.shop.internal").length - 1, 3)), "badclass", "CHAOS");
  const versioned = buildQuery({
    id: 1,
    name: encodeName("a") ?? new Uint8Array(1),
    type: 1,
    flags: 0,
    edns: { dnssecOk: false, udpBytes: 1232 },
  });
  versioned[versioned.length - 5] = 1;
  assert.equal(kind(versioned), "badvers");
  const long = new Uint8Array(12 + 300).fill(1);
  long.set(good("a").subarray(0, 12));
  assert.equal(kind(long), "formerr", "a name past 255 bytes");
});
