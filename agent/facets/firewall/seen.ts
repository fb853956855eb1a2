/** What the kernel holds of our tables. */
export interface FirewallSeen {
  /** The digest that our own table carries (as a comment on it); null: no table or a damaged one. */
  readonly digest: string | null;
  /** Sockets that other programs of the host listen on, to tell a published port that is taken. */
  readonly listeners: readonly {
    readonly protocol: "tcp" | "udp";
    /** IPv4 address; `0.0.0.0` for all. */
    readonly address: string;
    readonly port: number;
    /** Name of the program where it can be read. */
    readonly program: string | null;
  }[];
  /** Published ports that lead to a container now: who comes later does not take them. */
  readonly live?: readonly {
    readonly protocol: "tcp" | "udp";
    /** null: every address of the host. */
    readonly hostAddress: string | null;
    readonly hostPort: number;
  }[];
}
