/**
 * What the agent asks of systemd-resolved: that the host's own programs are led to our DNS server
 * for one zone, and for nothing else. It hangs on an interface of ours, which vanishes with all
 * that resolved was told of it.
 */

export interface ResolvedWanted {
  /** The interface, at most 13 characters: the pair that gives it carrier is named after it. */
  readonly link: string;
  /** Zone without dots at its ends, such as `internal`. */
  readonly zone: string;
  /** Where our server listens on 127.0.0.1. */
  readonly port: number;
}

export type ResolvedSeen =
  /** It does not run on this host. */
  | { readonly running: false }
  /** `led`: all of what is wanted holds. */
  | { readonly running: true; readonly led: boolean };

export interface Resolved {
  observe(wanted: ResolvedWanted, signal?: AbortSignal): Promise<ResolvedSeen>;
  /** Makes the interface and tells resolved; repeats succeed. */
  ensure(wanted: ResolvedWanted, signal?: AbortSignal): Promise<void>;
  /** Takes the interface away, and what resolved knew of it; repeats succeed, also without resolved. */
  remove(link: string, signal?: AbortSignal): Promise<void>;
}
