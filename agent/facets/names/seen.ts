import type { Instant } from "../../../shared/model/verdict.ts";

/** What the DNS Worker says that it serves. */
export interface NamesSeen {
  readonly alive: boolean;
  /** Digest of the configuration that the Worker acknowledged; null: none. */
  readonly digest: string | null;
  /** Container addresses that some name answers with now. */
  readonly addresses: ReadonlySet<string>;
  /** When an address last stopped being answered; pruned after an hour. */
  readonly withdrawnAt: ReadonlyMap<string, Instant>;
  /** Sockets that could not be bound, and why. */
  readonly bindProblems: readonly {
    readonly address: string;
    /** Name of the error, such as `AddrInUse`. */
    readonly code: string;
    readonly message: string;
  }[];
}
