/** The DNS server that lives in the Worker: sockets, views and forwarding put together. */
import type { DnsConfig } from "./config.ts";
import { createForwarder } from "./forward.ts";
import type { Handler } from "./handler.ts";
import type { BindProblem, Counters } from "./protocol.ts";
import { usableUpstreams } from "./resolv_conf.ts";
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

/** More upstreams than these cannot share a budget that is shorter than a client's 5 s. */
const MAX_UPSTREAMS = 3;

export function createDnsServer(): DnsServer {
  const counters = { queries: 0, forwarded: 0, refused: 0, cacheEntries: 0 };
  const forwarder = createForwarder({
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
  const handler: Handler = { views: empty, forwarder, counters };
  const sockets = createSockets(handler);
  return {
    configure(config) {
      handler.views = compileViews(config);
      forwarder.use(usableUpstreams(config.upstreams, config.listen, MAX_UPSTREAMS));
      sockets.listen(config.listen);
    },
    tick: () => sockets.retry(),
    problems: () => sockets.problems(),
    counters: () => ({ ...counters, cacheEntries: forwarder.cacheEntries() }),
    close() {
      sockets.close();
      forwarder.close();
    },
  };
}
