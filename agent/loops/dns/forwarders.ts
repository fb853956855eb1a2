/** A way out for each list of upstreams: the node's own, and those that services ask for (`dns:`). */
import type { DnsConfig } from "./config.ts";
import { createForwarder, type ForwarderControl, type ForwarderDeps } from "./forward.ts";
import type { Forwarder } from "./handler.ts";
import { usableUpstreams } from "./resolv_conf.ts";

/** More upstreams than these cannot share a budget that is shorter than a client's 5 s. */
const MAX_UPSTREAMS = 3;

export interface Forwarders {
  /** @param upstreams as the configuration has them for an asker; null: the node's own */
  of(upstreams: readonly string[] | null): Forwarder;
  /** A list that stays keeps its cache. */
  configure(config: Pick<DnsConfig, "upstreams" | "listen" | "hosts">): void;
  cacheEntries(): number;
  close(): void;
}

export function createForwarders(deps: ForwarderDeps): Forwarders {
  const own = createForwarder(deps);
  const others = new Map<string, ForwarderControl>();
  const keyOf = (upstreams: readonly string[]) => upstreams.join(" ");

  return {
    of: (upstreams) => upstreams === null ? own : others.get(keyOf(upstreams)) ?? own,
    configure({ upstreams, listen, hosts }) {
      own.use(usableUpstreams(upstreams, listen, MAX_UPSTREAMS));
      const wanted = new Map(
        hosts.flatMap((host) =>
          host.upstreams === undefined ? [] : [[keyOf(host.upstreams), host.upstreams] as const]
        ),
      );
      for (const [key, forwarder] of others) {
        if (wanted.has(key)) continue;
        forwarder.close();
        others.delete(key);
      }
      for (const [key, list] of wanted) {
        const forwarder = others.get(key) ?? createForwarder(deps);
        others.set(key, forwarder);
        forwarder.use(usableUpstreams(list, listen, MAX_UPSTREAMS));
      }
    },
    cacheEntries() {
      return [own, ...others.values()].reduce((sum, each) => sum + each.cacheEntries(), 0);
    },
    close() {
      for (const forwarder of [own, ...others.values()]) forwarder.close();
    },
  };
}
