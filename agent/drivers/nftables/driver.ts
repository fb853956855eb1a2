/**
 * What the agent asks of the kernel's packet filter: two tables of our own (families inet and
 * bridge, one name), replaced as a whole in one transaction and read back. No other table is ever
 * touched. The real driver speaks `nft`, the fake keeps the same promises in memory; one contract
 * suite runs over both.
 */

export type Transport = "tcp" | "udp";

/** A port of the host that leads into a container. */
export interface PublishedWanted {
  /** IPv4 address of the host; null: each of them. */
  readonly hostAddress: string | null;
  readonly hostPort: number;
  readonly protocol: Transport;
  /** The container's address and port. */
  readonly address: string;
  readonly containerPort: number;
}

/** A container that may send. */
export interface MemberWanted {
  readonly address: string;
  /** Keys of its networks. They only tell networks apart and are never written into a rule. */
  readonly networks: readonly string[];
  /** Has it a way out of this node? */
  readonly external: boolean;
}

/** A port of the node itself that a container may reach, at the bridge's own address. */
export interface NodePortWanted {
  /** The container's address. */
  readonly from: string;
  readonly protocol: Transport;
  readonly port: number;
}

/** All that decides the rules. Order does not matter: equal intent renders to equal text. */
export interface FirewallWanted {
  /** Name of the tables: letters, digits and `_`. */
  readonly table: string;
  readonly bridge: string;
  /** The bridge's own address, where containers find port 53. */
  readonly gateway: string;
  /** The containers' subnet on this node. */
  readonly subnet: string;
  /** Ranges of the fleet: what goes there keeps its source address. */
  readonly fleetRanges: readonly string[];
  readonly members: readonly MemberWanted[];
  readonly published: readonly PublishedWanted[];
  readonly nodePorts: readonly NodePortWanted[];
}

/** A published port as the kernel holds it now. */
export interface PublishedSeen {
  readonly hostAddress: string | null;
  readonly hostPort: number;
  readonly protocol: Transport;
}

export interface TablesSeen {
  /** Digest that was given when the tables were replaced; null: missing, or changed by another hand. */
  readonly digest: string | null;
  readonly published: readonly PublishedSeen[];
}

export interface Nftables {
  observe(table: string, signal?: AbortSignal): Promise<TablesSeen>;
  /** Replaces both tables in one transaction; repeats succeed. `digest`: at most 100 of `[0-9a-z]`. */
  replace(wanted: FirewallWanted, digest: string, signal?: AbortSignal): Promise<void>;
  /** Removes both tables; none there is no error. */
  remove(table: string, signal?: AbortSignal): Promise<void>;
}
