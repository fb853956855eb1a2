/** Random and damaged packets against the wire code: it must neither throw nor write nonsense. */
import { bytesOf, type FuzzTarget, inputOf, runOf } from "../../../shared/testing/fuzz_target.ts";
import { answer, FORWARD } from "./answer.ts";
import type { DnsConfig } from "./config.ts";
import { readAnswer } from "./message.ts";
import { encodeName } from "./name.ts";
import { parseResolvConf } from "./resolv_conf.ts";
import { renderAnswer } from "./render.ts";
import { compileViews } from "./views.ts";
import { buildQuery, createQuery, EDNS_UDP_BYTES, readQuery } from "./wire.ts";

export interface FuzzOptions {
  readonly runs: number;
  /** Equal seeds give equal runs. */
  readonly seed: number;
}

/** What was tried; a failure throws with the packet in hex. */
export interface FuzzResult {
  readonly runs: number;
  readonly answered: number;
}

const NAMES = [
  "db.shop.internal",
  "_db._tcp.db.shop.internal",
  "internal",
  "2.7.200.10.in-addr.arpa",
  "example.com",
  "db",
  ".",
];
const ASKERS = ["127.0.0.1", "10.200.7.2", "10.200.7.9", "192.0.2.1"];

/** Whether it was answered; throws where the packet is handled wrongly. */
function checkPacket(
  views: ReturnType<typeof compileViews>,
  packet: Uint8Array,
  asker: string,
  isTcp: boolean,
): boolean {
  const query = createQuery();
  const out = new Uint8Array(65_535);
  const kind = readQuery(query, packet, packet.length);
  const limit = isTcp ? 65_535 : query.udpBytes;
  const length = answer(views.of(asker), query, kind, packet, out, limit);
  if (length !== FORWARD && (length < 0 || length > limit)) {
    throw new Error(`an answer of ${length} bytes where ${limit} are allowed`);
  }
  const questionEnd = query.questionEnd === 0 ? 12 : query.questionEnd;
  const upstream = readAnswer(packet, query.id, packet, questionEnd);
  if (upstream !== null && kind !== "formerr") {
    renderAnswer(upstream, query, packet, { kind: "fresh", seconds: 1 }, EDNS_UDP_BYTES);
  }
  parseResolvConf(String.fromCharCode(...packet), []);
  return length > 0;
}

/** An input is the way it comes (0 to 3: who asks; from 4 on: by TCP), and a packet. */
export const DNS_TARGET: FuzzTarget = {
  name: "dns",
  short: 20_000,
  alphabet: 256,
  tokens: [
    ...NAMES.map((name) => inputOf(encodeName(name) ?? new Uint8Array(1))),
    "\xc0\x0c",
    "\xc0\xff",
    "\x00\x00\x29\x04\xd0\x00\x00\x80\x00\x00\x00",
    "\x00\x01\x00\x01",
    "\x00\x21\x00\x01",
    "\x00\x0c\x00\x01",
    "\x00\x1c\x00\x01",
    "\xff",
    "\x3f",
    "\x00",
  ],
  corpus: [
    "",
    ...NAMES.flatMap((name) =>
      [1, 28, 12, 33, 6, 255].map((type) =>
        "\x00" + inputOf(buildQuery({
          id: 7,
          name: encodeName(name) ?? new Uint8Array(1),
          type,
          flags: 0x0100,
          edns: type === 1 ? { dnssecOk: true, udpBytes: 1232 } : null,
        }))
      )
    ),
  ],
  start: () => {
    const views = compileViews(fuzzConfig());
    return runOf((input) => {
      const way = input.charCodeAt(0);
      return checkPacket(views, bytesOf(input.slice(1)), ASKERS[way & 3] ?? "", way > 3);
    });
  },
};

/** Throws on the first packet that is handled wrongly. */
export function fuzzDns(options: FuzzOptions): FuzzResult {
  const random = randomOf(options.seed);
  const views = compileViews(fuzzConfig());
  let answered = 0;
  for (let run = 0; run < options.runs; run++) {
    const packet = randomPacket(random);
    try {
      const asker = ASKERS[random(ASKERS.length)] ?? "";
      if (checkPacket(views, packet, asker, random(4) === 0)) answered++;
    } catch (cause) {
      const hex = [...packet].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      throw new Error(`seed ${options.seed}, run ${run}, packet ${hex}`, { cause });
    }
  }
  return { runs: options.runs, answered };
}

function fuzzConfig(): DnsConfig {
  const host = {
    address: "10.200.7.2",
    project: "shop",
    service: "db",
    slot: 1,
    containerName: "shop-db-1",
    networks: [{ network: "shop/default", aliases: ["store"] }],
    ports: [{ name: "db", port: 5432, protocol: "tcp" as const }],
    serving: true,
    external: true,
  };
  const replicas = Array.from({ length: 60 }, (_, i) => ({
    ...host,
    address: `10.200.7.${i + 10}`,
    service: "many",
    slot: i + 1,
    containerName: `shop-many-${i + 1}`,
  }));
  return {
    zone: "internal",
    ttlSeconds: 5,
    listen: [{ hostname: "10.200.7.1", port: 53 }],
    subnet: "10.200.7.0/24",
    upstreams: ["192.0.2.53"],
    hosts: [host, ...replicas],
  };
}

/** Bytes of no meaning, or a good query with some bytes changed, cut off or added. */
function randomPacket(random: (below: number) => number): Uint8Array {
  if (random(4) === 0) return Uint8Array.from({ length: random(80) }, () => random(256));
  const packet = buildQuery({
    id: random(65_536),
    name: encodeName(NAMES[random(NAMES.length)] ?? ".") ?? new Uint8Array(1),
    type: random(3) === 0 ? random(65_536) : [1, 28, 12, 6, 255][random(5)] ?? 1,
    flags: random(2) === 0 ? 0x0100 : random(65_536),
    edns: random(2) === 0 ? null : { dnssecOk: random(2) === 0, udpBytes: random(65_536) },
  });
  for (let changes = random(5); changes > 0; changes--) {
    packet[random(packet.length)] = random(256);
  }
  const length = random(3) === 0 ? random(packet.length + 1) : packet.length;
  const tail = Uint8Array.from({ length: random(3) === 0 ? random(60) : 0 }, () => random(256));
  return Uint8Array.of(...packet.subarray(0, length), ...tail);
}

/** xorshift32. */
function randomOf(seed: number): (below: number) => number {
  let state = seed | 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}
