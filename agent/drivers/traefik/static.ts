/**
 * Traefik's static configuration. A file and not flags: a traefik.yml in /etc/traefik or the
 * working directory would silently win over flags, and never over --configfile. Pure.
 */
import { renderYamlSafeJson } from "./json_yaml.ts";

export interface StaticOptions {
  /** IPv4 address to listen on; `0.0.0.0` for all. */
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Port on 127.0.0.1 of the revision probe. */
  readonly internalPort: number;
  /** Watched folder of the dynamic file. */
  readonly dynamicDir: string;
  readonly accessLogFile: string;
}

/** What a person needs of a request, and no header or query, where secrets travel. */
const LOGGED = [
  "ClientHost",
  "DownstreamContentSize",
  "DownstreamStatus",
  "Duration",
  "OriginStatus",
  "RequestContentSize",
  "RequestHost",
  "RequestMethod",
  "RequestPath",
  "RequestProtocol",
  "RequestScheme",
  "RetryAttempts",
  "RouterName",
  "ServiceAddr",
  "StartUTC",
];

/** Each would reach the app decoded or not, as it likes, past a route that does not match it. */
const REFUSED_ENCODINGS = {
  allowEncodedSlash: false,
  allowEncodedBackSlash: false,
  allowEncodedNullCharacter: false,
  allowEncodedSemicolon: false,
  allowEncodedPercent: false,
  allowEncodedQuestionMark: false,
  allowEncodedHash: false,
};

const HTTP = {
  sanitizePath: true,
  // X_Forwarded_For is X-Forwarded-For to many an app.
  aliasHeadersStrategy: "delete",
  encodedCharacters: REFUSED_ENCODINGS,
};

/** No limits on bodies and answers: large uploads, slow downloads and event streams pass. */
const TRANSPORT = {
  respondingTimeouts: { readTimeout: "0s", writeTimeout: "0s", idleTimeout: "180s" },
  lifeCycle: { graceTimeOut: "10s" },
};

/** The text of the file: JSON, which is YAML. */
export function renderStaticConfig(options: StaticOptions): string {
  const names: Record<string, string> = {};
  for (const field of LOGGED) names[field] = "keep";
  return renderYamlSafeJson({
    global: { checkNewVersion: false, sendAnonymousUsage: false },
    log: { level: "WARN", format: "json" },
    ping: {},
    accessLog: {
      filePath: options.accessLogFile,
      format: "json",
      fields: {
        defaultMode: "drop",
        names,
        headers: { defaultMode: "drop" },
        queryParameters: { defaultMode: "drop" },
      },
    },
    providers: {
      providersThrottleDuration: "100ms",
      file: { directory: options.dynamicDir, watch: true },
    },
    entryPoints: {
      web: {
        address: `${options.address}:${options.httpPort}`,
        http: HTTP,
        transport: TRANSPORT,
      },
      websecure: {
        address: `${options.address}:${options.httpsPort}`,
        http: { ...HTTP, tls: {} },
        transport: TRANSPORT,
      },
      traefik: {
        address: `127.0.0.1:${options.internalPort}`,
        http: { aliasHeadersStrategy: "delete" },
      },
    },
  });
}
