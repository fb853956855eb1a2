/** All that the DNS server is told, in one message to its Worker. */
import { z } from "zod";
import { parseUpstream } from "./resolv_conf.ts";

/** Where to listen, UDP and TCP. `hostname` is an IPv4 address, never `0.0.0.0`. */
export const ListenAddress = z.strictObject({
  hostname: z.ipv4().refine((address) => address !== "0.0.0.0", "0.0.0.0 is never listened on"),
  port: z.int().min(1).max(65_535),
});
export type ListenAddress = z.infer<typeof ListenAddress>;

const upstream = z.string().refine(
  (text) => parseUpstream(text) !== null,
  "not an upstream such as 9.9.9.9:53",
);

/** One container, both as an asker and as an answer. */
export const DnsHost = z.strictObject({
  address: z.ipv4(),
  project: z.string().min(1),
  service: z.string().min(1),
  slot: z.int().positive(),
  containerName: z.string().min(1),
  /** Networks that it is on by key, with the aliases that hold on that network only. */
  networks: z.array(z.strictObject({ network: z.string(), aliases: z.array(z.string()) })),
  /** Ports that have a name: its SRV records. */
  ports: z.array(z.strictObject({
    name: z.string(),
    port: z.int().min(1).max(65_535),
    protocol: z.enum(["tcp", "udp"]),
  })).exactOptional(),
  /** On the node's own network: `address` is the node's, which others have too, and asks nothing. */
  onNode: z.literal(true).exactOptional(),
  /** Names lead to it now; otherwise it is an asker only. */
  serving: z.boolean(),
  /** It has a way out, so its questions are forwarded. */
  external: z.boolean(),
  /** Whom its questions are forwarded to; absent: as everybody's. */
  upstreams: z.array(upstream).max(16).exactOptional(),
});
export type DnsHost = z.infer<typeof DnsHost>;

export const DnsConfig = z.strictObject({
  /** Zone of internal names, such as `internal`. */
  zone: z.string().regex(/^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63}){0,7}$/, "not a zone name"),
  ttlSeconds: z.int().positive().max(86_400),
  listen: z.array(ListenAddress).max(64),
  /** The containers' subnet, answered for in in-addr.arpa. */
  subnet: z.cidrv4(),
  /** `ip` or `ip:port`; the first three are used. */
  upstreams: z.array(upstream).max(16),
  hosts: z.array(DnsHost).max(10_000),
});
export type DnsConfig = z.infer<typeof DnsConfig>;
