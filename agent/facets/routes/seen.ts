/** What the proxy has been shown to serve by its revision probe. */
export interface RoutesSeen {
  readonly alive: boolean;
  /** Why the proxy does not run (port taken, binary missing); null: it runs. */
  readonly problem:
    | { readonly code: string; readonly message: string; readonly remedy: string }
    | null;
  /** Digest of the configuration that the probe confirmed live; null: none. */
  readonly digest: string | null;
  /** `ip:port` of every server in the confirmed configuration. */
  readonly servers: ReadonlySet<string>;
  /**
   * `ip:port` of every server in the file that the proxy reads, confirmed or not; absent: as
   * `servers`. What an agent that has just started must not take out for want of knowledge.
   */
  readonly writtenServers?: ReadonlySet<string>;
  readonly httpPort: number;
  readonly httpsPort: number;
}
