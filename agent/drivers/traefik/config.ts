/** What the ingress is to serve, free of Traefik's own words. */

export interface IngressRoute {
  /** Unique and readable, such as `shop/web/0`; it names the router in the access log. */
  readonly id: string;
  /** Host name in any case; null: any host. */
  readonly host: string | null;
  /** Path prefix that matches whole segments: `/api` takes `/api` and `/api/x`, not `/apix`. */
  readonly path: string;
  /** `both`: http and https serve; `redirect`: http sends to https; `off`: http only. */
  readonly tls: "both" | "redirect" | "off";
  /** CIDRs or addresses that may use it; empty: everyone. */
  readonly allow: readonly string[];
  /** `ipv4:port` of each server; empty: 503. */
  readonly servers: readonly string[];
  /** Path that the proxy asks each server for; null: no active check. */
  readonly healthPath: string | null;
  /** An answer to that may take so long: the longest of the servers' own checks. */
  readonly healthTimeoutMs: number;
}

/** Absolute paths of PEM files. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

export interface IngressConfig {
  /** Digest of the intent; the confirmed one is told by it. */
  readonly digest: string;
  readonly routes: readonly IngressRoute[];
  /** Null: https answers with Traefik's own throw-away certificate. */
  readonly certificate: CertificateFiles | null;
  /** Shown for its names in place of that. */
  readonly uploaded?: CertificateFiles;
}

/** Why a route is left out, and what to do. */
export interface RouteProblem {
  readonly code:
    | "route_invalid_host"
    | "route_invalid_path"
    | "route_invalid_allow"
    | "route_invalid_health_path"
    | "route_conflict";
  readonly message: string;
  readonly remedy: string;
}
