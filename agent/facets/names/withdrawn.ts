/** When each address was last taken out of the answers, from one acknowledged configuration to the next. */
import type { Instant } from "../../../shared/model/verdict.ts";
import type { DnsConfig } from "../../loops/dns/config.ts";

/** What is answered, and what no longer is. */
export interface Answered {
  readonly addresses: ReadonlySet<string>;
  readonly withdrawnAt: ReadonlyMap<string, Instant>;
}

const KEPT_MS = 3_600_000;

/**
 * What holds once `config` is served. An address that is wanted but does not serve counts as
 * withdrawn from when this program first saw it so: an earlier life of it may have answered with it.
 */
export function answeredWith(config: DnsConfig, before: Answered, now: Instant): Answered {
  const addresses = new Set<string>();
  for (const host of config.hosts) if (host.serving) addresses.add(host.address);
  const withdrawnAt = new Map<string, Instant>();
  for (const [address, at] of before.withdrawnAt) {
    if (!addresses.has(address) && now - at < KEPT_MS) withdrawnAt.set(address, at);
  }
  const silent = [...before.addresses, ...config.hosts.map((host) => host.address)];
  for (const address of silent) {
    if (addresses.has(address) || withdrawnAt.has(address)) continue;
    withdrawnAt.set(address, before.withdrawnAt.get(address) ?? now);
  }
  return { addresses, withdrawnAt };
}
