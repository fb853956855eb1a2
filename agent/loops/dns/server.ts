/** The DNS server that lives in the Worker: sockets, views and forwarding put together. */
import type { DnsConfig } from "./config.ts";
import { createForwarders } from "./forwarders.ts";
import type { Handler } from "./handler.ts";
import type { BindProblem, Counters } from "./protocol.ts";
import { createSockets } from "./sockets.ts";
import { compileViews } from "./views.ts";

export interface DnsServer {
  /** The answers change at once and all together; sockets that stay wanted stay open. */
  configure(config: DnsConfig): void;
  /** Once a second: binds what could not be bound. */
  tick(): void;
  problems(): BindProblem[];
  counters(): Counters;
  close(): void;
}

export function createDnsServer(): DnsServer {
  const counters = { queries: 0, forwarded: 0, refused: 0, cacheEntries: 0 };
  const forwarders = createForwarders({
    now: () => performance.now(),
    onRefused: () => counters.refused++,
  });
  const empty = compileViews({
    zone: "internal",
    ttlSeconds: 5,
    listen: [],
    subnet: "127.255.255.255/32",
    upstreams: [],
    hosts: [],
  });
  const handler: Handler = {
    views: empty,
    forwarderOf: (asker) => forwarders.of(handler.views.upstreamsOf(asker)),
    counters,
  };
  const sockets = createSockets(handler);
  return {
    configure(config) {
      handler.views = compileViews(config);
      forwarders.configure(config);
      sockets.listen(config.listen);
    },
    tick: () => sockets.retry(),
    problems: () => sockets.problems(),
    counters: () => ({ ...counters, cacheEntries: forwarders.cacheEntries() }),
    close() {
      sockets.close();
      forwarders.close();
    },
  };
}
