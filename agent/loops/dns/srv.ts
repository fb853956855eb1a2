/** SRV records (RFC 2782) of ports that have a name: `_http._tcp.web.PROJECT.ZONE`. Pure. */
import type { DnsHost } from "./config.ts";
import { PORT_LABEL } from "../../../shared/model/port_label.ts";
import { encodeName, ipv4Number } from "./name.ts";
import type { Names } from "../../../shared/names/reach.ts";
import { record, type RecordSet } from "./view.ts";
import { CLASS_IN, putU16, putU32, TYPE } from "./wire.ts";

/** One replica that serves, by a name of its own that resolves too. */
export interface SrvTarget {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/**
 * The targets by SRV name, sorted by the order of the hosts; without any where none serves. Names
 * between them and the service's are added to `names`, where they lead to nothing.
 */
export function srvTargets(
  visible: readonly DnsHost[],
  names: Names,
  zone: string,
): Map<string, SrvTarget[]> {
  const found = new Map<string, SrvTarget[]>();
  for (const host of visible) {
    for (const { name, port, protocol } of host.ports ?? []) {
      const label = name.toLowerCase();
      if (!PORT_LABEL.test(label)) continue;
      const service = `${host.service}.${host.project}.${zone}`.toLowerCase();
      const parent = `_${protocol}.${service}`;
      const full = `_${label}.${parent}`;
      // A service that is called so was there first.
      if (names.has(full)) continue;
      if (!names.has(parent)) names.set(parent, []);
      const targets = found.get(full) ?? [];
      found.set(full, targets);
      if (!host.serving) continue;
      const own = `${host.containerName}.${host.project}.${zone}`.toLowerCase();
      const target = encodeName(own) === null ? service : own;
      targets.push({ name: target, address: host.address, port });
    }
  }
  return found;
}

/** The records with the addresses of their targets beside them; null: there are none. */
export function srvRecords(targets: readonly SrvTarget[], ttlSeconds: number): RecordSet | null {
  const answers: Uint8Array[] = [];
  const additional: Uint8Array[] = [];
  for (const { name, address, port } of targets) {
    const target = encodeName(name);
    if (target === null) continue;
    const data = new Uint8Array(6 + target.length);
    // Priority 0 and weight 0: all alike.
    putU16(data, 4, port);
    data.set(target, 6);
    answers.push(record(TYPE.SRV, ttlSeconds, data));
    additional.push(addressOf(target, address, ttlSeconds));
  }
  if (answers.length === 0) return null;
  return {
    answer: joined(answers),
    count: answers.length,
    additional: joined(additional),
    additionalCount: additional.length,
  };
}

/** An A record under its own name: it is not the question's. */
function addressOf(owner: Uint8Array, address: string, ttlSeconds: number): Uint8Array {
  const bytes = new Uint8Array(owner.length + 14);
  bytes.set(owner);
  const at = owner.length;
  putU16(bytes, at, TYPE.A);
  putU16(bytes, at + 2, CLASS_IN);
  putU32(bytes, at + 4, ttlSeconds);
  putU16(bytes, at + 8, 4);
  putU32(bytes, at + 10, ipv4Number(address));
  return bytes;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
