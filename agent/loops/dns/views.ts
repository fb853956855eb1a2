/**
 * From a configuration to views. A view is made when its first asker asks, so that applying a
 * configuration costs next to nothing and never stalls an answer.
 */
import type { DnsConfig, DnsHost } from "./config.ts";
import { encodeName, inSubnet, ipv4Number, parseSubnet, reverseName } from "./name.ts";
import { type Asker, namesFor, reachable } from "../../../shared/names/reach.ts";
import { srvRecords, srvTargets } from "./srv.ts";
import {
  addressRecords,
  makeEntry,
  record,
  type RecordSet,
  setEntry,
  single,
  type View,
  type Zone,
} from "./view.ts";
import { putU32, TYPE } from "./wire.ts";

export interface Views {
  /** The view of an asker by its IPv4 address. */
  of(address: string): View;
  /** Whom an asker's questions are forwarded to; null: as everybody's. */
  upstreamsOf(address: string): readonly string[] | null;
}

/** Label under the zone of this server's own name, `ns.dns.ZONE`. */
const SERVER = "ns.dns";

export function compileViews(config: DnsConfig): Views {
  const zone = makeZone(config);
  const hosts = new Map<string, DnsHost>();
  for (const host of config.hosts) {
    if (host.onNode === true) continue;
    const known = hosts.get(host.address);
    if (known === undefined || (host.serving && !known.serving)) hosts.set(host.address, host);
  }
  const ours = new Set(config.listen.map((listen) => listen.hostname));
  ours.add(ipv4Text(zone.subnet.first + 1));
  const memory = createMemory(config.ttlSeconds);
  const byKey = new Map<string, View>();
  const byAddress = new Map<string, View>();

  function keyed(key: string, make: () => View): View {
    const known = byKey.get(key);
    if (known !== undefined) return known;
    const view = make();
    byKey.set(key, view);
    return view;
  }

  function viewOf(address: string): View {
    const host = hosts.get(address);
    if (host !== undefined) {
      const networks = [...new Set(host.networks.map(({ network }) => network))].sort();
      const asker = { project: host.project, networks };
      const elsewhere = host.external ? "forward" as const : "absent" as const;
      const key = JSON.stringify([asker.project, elsewhere, ...networks]);
      return keyed(key, () => compileView(config, zone, memory, asker, elsewhere));
    }
    if (isIpv4(address) && inSubnet(zone.subnet, ipv4Number(address)) && !ours.has(address)) {
      return keyed("stranger", () => ({ zone, entries: new Map(), elsewhere: "refused" }));
    }
    return keyed("host", () => compileView(config, zone, memory, null, "forward"));
  }

  return {
    of(address) {
      let view = byAddress.get(address);
      if (view === undefined) {
        view = viewOf(address);
        // Anyone on the LAN may ask, so what is remembered of askers is bounded.
        if (byAddress.size < 16_384) byAddress.set(address, view);
      }
      return view;
    },
    upstreamsOf: (address) => hosts.get(address)?.upstreams ?? null,
  };
}

/** Bytes that many views and names share. */
interface Memory {
  name(text: string): Uint8Array | null;
  addresses(addresses: readonly string[]): Uint8Array;
}

function createMemory(ttlSeconds: number): Memory {
  const names = new Map<string, Uint8Array | null>();
  const records = new Map<string, Uint8Array>();
  return {
    name(text) {
      let name = names.get(text);
      if (name === undefined) names.set(text, name = encodeName(text));
      return name;
    },
    addresses(addresses) {
      const key = addresses.join();
      let bytes = records.get(key);
      if (bytes === undefined) records.set(key, bytes = addressRecords(addresses, ttlSeconds));
      return bytes;
    },
  };
}

/** The view of one kind of asker; null: the host's. */
function compileView(
  config: DnsConfig,
  zone: Zone,
  memory: Memory,
  asker: Asker | null,
  elsewhere: View["elsewhere"],
): View {
  const view: View = { zone, entries: new Map(), elsewhere };
  const ttl = config.ttlSeconds;
  const visible = reachable(config.hosts, asker);
  const names = namesFor(config.hosts, visible, asker, config.zone);
  const server = `${SERVER}.${config.zone}`;
  const serverNames = names.has(server) ? [] : [server, `dns.${config.zone}`];
  for (const name of serverNames) {
    const addresses = name === server
      ? [...new Set(config.listen.map((listen) => listen.hostname))]
      : names.get(name) ?? [];
    names.set(name, addresses);
  }
  for (const [name, targets] of srvTargets(visible, names, config.zone)) {
    const wire = memory.name(name);
    if (wire === null) continue;
    const records = srvRecords(targets, ttl);
    const others = records === null ? undefined : new Map([[TYPE.SRV, records]]);
    setEntry(view.entries, makeEntry(wire, "zone", ttl, memory.addresses([]), others));
  }
  const below = `.${config.zone}`;
  for (const [name, addresses] of names) {
    const wire = memory.name(name);
    // A name that DNS cannot hold (a label past 63 bytes) is left out.
    if (wire === null || wire.length === 1) continue;
    const inZone = name === config.zone || name.endsWith(below);
    const others = name === config.zone ? apex(zone, server, ttl) : undefined;
    const records = memory.addresses(addresses);
    setEntry(view.entries, makeEntry(wire, inZone ? "zone" : "none", ttl, records, others));
  }
  for (const host of visible) {
    if (host.onNode === true) continue;
    const wire = memory.name(reverseName(host.address));
    const target = memory.name(`${host.containerName}.${host.project}.${config.zone}`) ??
      memory.name(`${host.service}.${host.project}.${config.zone}`);
    if (wire === null || target === null) continue;
    const others = new Map([[TYPE.PTR, single(record(TYPE.PTR, ttl, target))]]);
    setEntry(view.entries, makeEntry(wire, "reverse", ttl, memory.addresses([]), others));
  }
  return view;
}

export function makeZone(config: DnsConfig): Zone {
  const name = encodeName(config.zone) ?? new Uint8Array(1);
  const server = encodeName(`${SERVER}.${config.zone}`) ?? new Uint8Array(1);
  const mailbox = encodeName(`hostmaster.${config.zone}`) ?? new Uint8Array(1);
  const soa = new Uint8Array(server.length + mailbox.length + 20);
  soa.set(server);
  soa.set(mailbox, server.length);
  // Serial, refresh, retry and expire are for secondaries, which this zone has none of.
  [1, 3600, 600, 86_400, config.ttlSeconds].forEach((value, i) =>
    putU32(soa, server.length + mailbox.length + 4 * i, value)
  );
  return { name, subnet: parseSubnet(config.subnet), ttlSeconds: config.ttlSeconds, soa };
}

function apex(zone: Zone, server: string, ttl: number): Map<number, RecordSet> {
  return new Map([
    [TYPE.SOA, single(record(TYPE.SOA, ttl, zone.soa))],
    [TYPE.NS, single(record(TYPE.NS, ttl, encodeName(server) ?? new Uint8Array(1)))],
  ]);
}

function isIpv4(address: string): boolean {
  return !address.includes(":");
}

function ipv4Text(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join(".");
}
