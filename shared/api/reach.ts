/** Who finds whom by which name, and who may reach whom: as it was compiled for the nodes. */
import { z } from "zod";
import { ServiceName } from "../model/service_spec.ts";

export const NamedServiceView = z.object({
  node: z.string(),
  project: z.string(),
  service: ServiceName,
  /** In full, of the service itself; aliases hold on their networks alone. */
  name: z.string(),
  networks: z.array(z.object({ network: z.string(), aliases: z.array(z.string()) })),
  /** `serving`: names lead to it now, by the node's last report. */
  addresses: z.array(z.object({
    address: z.string(),
    slot: z.int().positive(),
    serving: z.boolean(),
  })),
  /** Those that have SRV records. */
  ports: z.array(z.object({ name: z.string(), port: z.int(), protocol: z.enum(["tcp", "udp"]) })),
});
export type NamedServiceView = z.infer<typeof NamedServiceView>;

export const NameList = z.object({ zone: z.string(), items: z.array(NamedServiceView) });
export type NameList = z.infer<typeof NameList>;

/**
 * `found`: these addresses; `empty`: the name exists and leads to nothing now; `absent`: there is no
 * such name; `forwarded`: the name is not ours, the question goes to the node's upstream servers.
 */
export const NameAnswer = z.object({
  name: z.string(),
  state: z.enum(["found", "empty", "absent", "forwarded"]),
  addresses: z.array(
    z.object({ address: z.string(), project: z.string(), service: ServiceName }),
  ),
});
export type NameAnswer = z.infer<typeof NameAnswer>;

export const FirewallView = z.object({
  /** Who is on one of these reaches all others on it, and nobody else. */
  networks: z.array(z.object({
    network: z.string(),
    /** Without a way out. */
    internal: z.boolean(),
    members: z.array(z.object({
      project: z.string(),
      service: ServiceName,
      addresses: z.array(z.string()),
    })),
  })),
  /** Ports of the node that lead to a container. */
  published: z.array(z.object({
    node: z.string(),
    project: z.string(),
    service: ServiceName,
    /** Null: every address of the node. */
    hostAddress: z.string().nullable(),
    hostPort: z.int(),
    containerPort: z.int(),
    protocol: z.enum(["tcp", "udp"]),
  })),
});
export type FirewallView = z.infer<typeof FirewallView>;
