/** Handing out addresses of a node's subnet. */
import type { NodePlace } from "./situation.ts";

/** An IPv4 address as a number. */
export function ipv4Number(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

/** The address of a number. */
export function ipv4Text(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

export interface Subnet {
  readonly first: number;
  readonly size: number;
  readonly prefix: number;
}

/** A subnet in CIDR form, its host bits cleared. */
export function parseSubnet(cidr: string): Subnet {
  const [address = "", length = ""] = cidr.split("/");
  const prefix = Number(length);
  const size = 2 ** (32 - prefix);
  const value = ipv4Number(address);
  return { first: value - value % size, size, prefix };
}

/** The first usable address of a subnet: the node's own on it. */
export function gatewayOf(cidr: string): string {
  return ipv4Text(parseSubnet(cidr).first + 1);
}

/**
 * Gives free addresses, each once: the lowest that was never used, then the one that was freed
 * first, once its node has reported it gone and twice the names' lifetime has passed.
 */
export function createAllocator(
  place: NodePlace,
  now: number,
  dnsTtlSeconds: number,
): { next(): string | null } {
  const subnet = parseSubnet(place.containerSubnet);
  const reported = new Set(place.reported);
  const known = new Set(place.addresses.map((row) => row.address));
  const reusable = place.addresses
    .filter((row) =>
      row.deploymentId === null && row.freedAt !== null &&
      row.freedAt + 2000 * dnsTtlSeconds <= now && !reported.has(row.address)
    )
    .sort((a, b) =>
      (a.freedAt ?? 0) - (b.freedAt ?? 0) || ipv4Number(a.address) - ipv4Number(b.address)
    );
  let at = subnet.first + 2;
  const end = subnet.first + subnet.size - 1;
  return {
    next() {
      for (; at < end; at++) {
        const address = ipv4Text(at);
        if (!known.has(address) && !reported.has(address)) {
          at++;
          return address;
        }
      }
      return reusable.shift()?.address ?? null;
    },
  };
}
