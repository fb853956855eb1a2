/**
 * The one dynamic file. It is valid by construction, since a file that Traefik cannot decode makes
 * it ignore every later change and serve nothing after a cold start: known fields only, no empty
 * maps, unique names. Pure.
 */
import { SkerryError } from "../../../shared/errors.ts";
import { canonicalJson, sha256 } from "../../../shared/model/hash.ts";
import type { IngressConfig, IngressRoute } from "./config.ts";
import { renderYamlSafeJson } from "./json_yaml.ts";
import { type RuledRoute, selectRoutes } from "./select.ts";

/** Raised when equal routes are rendered otherwise than before, so that an upgrade publishes anew. */
export const RENDERING = 3;

export interface RenderedConfig {
  readonly text: string;
  /** 32 hex characters; `GET /rev-REVISION` on the internal entry point answers 200 once it is live. */
  readonly revision: string;
  /** `ip:port` of every server in it, sorted. */
  readonly servers: readonly string[];
}

/** The file for a configuration; routes that {@link selectRoutes} leaves out are not in it. */
export function renderDynamicConfig(config: IngressConfig, httpsPort: number): RenderedConfig {
  const { routes } = selectRoutes(config.routes);
  const model = { ...renderHttp(routes, httpsPort), ...renderTls(config) };
  const revision = sha256(canonicalJson({ model, digest: config.digest })).slice(0, 32);
  const probe = {
    rule: `Path(\`/rev-${revision}\`)`,
    entryPoints: ["traefik"],
    service: "ping@internal",
  };
  const http = { ...model.http, routers: { ...model.http.routers, "skerry-revision": probe } };
  const servers = new Set(routes.flatMap(({ route }) => route.servers));
  return {
    text: renderYamlSafeJson({ ...model, http }),
    revision,
    servers: [...servers].sort(),
  };
}

/** Router and service name of a route: letters, digits, `.`, `_`, `-`, `/`; unique for each id. */
export function routerName(id: string): string {
  const clean = id.toLowerCase().replace(/[^a-z0-9._/-]/g, "_").slice(0, 120);
  return clean === id ? `r/${id}` : `r/${clean}~${sha256(id.toWellFormed()).slice(0, 12)}`;
}

const RETRY = "retry";
const TO_HTTPS = "to-https";
const HONEST = "honest";
const BACKEND = "backend";
/** The agent's own checks are quicker: this one is for when there is no agent. */
const MIN_CHECK_TIMEOUT_MS = 5_000;

function renderHttp(routes: readonly RuledRoute[], httpsPort: number) {
  if (routes.length === 0) return { http: { routers: {} } };
  const routers: Record<string, unknown> = {};
  const services: Record<string, unknown> = {};
  const middlewares: Record<string, unknown> = {
    // Only of what was not sent yet, so nothing is done twice. There is no passive health check:
    // it counts an app's own 5xx answers, so one broken page would turn the whole service to 503.
    [RETRY]: { retry: { attempts: 5, initialInterval: "20ms" } },
    // Traefik writes X-Forwarded-* itself and passes on a client's own Forwarded (RFC 7239), which
    // some apps believe. An empty value takes it away.
    [HONEST]: { headers: { customRequestHeaders: { Forwarded: "" } } },
  };
  for (const { route, rule } of routes) {
    const name = routerName(route.id);
    const guards: string[] = [];
    if (route.allow.length > 0) {
      middlewares[`${name}~allow`] = { ipAllowList: { sourceRange: [...route.allow] } };
      guards.push(`${name}~allow`);
    }
    const base = { rule: rule.rule, priority: rule.priority, service: name };
    routers[name] = {
      ...base,
      entryPoints: entryPointsOf(route),
      middlewares: [...guards, HONEST, RETRY],
    };
    if (route.tls === "redirect") {
      const port = httpsPort === 443 ? {} : { port: String(httpsPort) };
      middlewares[TO_HTTPS] = { redirectScheme: { scheme: "https", ...port, permanent: false } };
      routers[`${name}~http`] = {
        ...base,
        entryPoints: ["web"],
        middlewares: [...guards, TO_HTTPS],
      };
    }
    services[name] = { loadBalancer: renderLoadBalancer(route) };
  }
  // Shorter than the keep-alive of any common server, so that no request meets a closing
  // connection and a retired server is soon free of connections. No limit on the answer's
  // beginning: it would end long polls.
  const transport = { dialTimeout: "3s", idleConnTimeout: "1500ms" };
  return {
    http: {
      routers,
      services,
      middlewares,
      serversTransports: { [BACKEND]: { forwardingTimeouts: transport } },
    },
  };
}

function entryPointsOf(route: IngressRoute): readonly string[] {
  switch (route.tls) {
    case "both":
      return ["web", "websecure"];
    case "redirect":
      return ["websecure"];
    case "off":
      return ["web"];
  }
}

function renderLoadBalancer(route: IngressRoute) {
  // One failure takes a server out, so on a busy box a short time would take out all at once.
  const timeoutMs = Math.max(MIN_CHECK_TIMEOUT_MS, route.healthTimeoutMs);
  const check = route.healthPath === null ? {} : {
    healthCheck: {
      path: route.healthPath,
      // Traefik wants it longer than the timeout.
      interval: `${timeoutMs + 1_000}ms`,
      timeout: `${timeoutMs}ms`,
    },
  };
  return {
    servers: route.servers.map((server) => ({ url: serverUrl(server) })),
    serversTransport: BACKEND,
    ...check,
  };
}

function serverUrl(server: string): string {
  const [address, port] = server.split(":");
  const sound = /^(\d{1,3}\.){3}\d{1,3}:\d{1,5}$/.test(server) &&
    (address ?? "").split(".").every((part) => Number(part) <= 255) &&
    Number(port) >= 1 && Number(port) <= 65_535;
  if (!sound) {
    throw new SkerryError("ingress_bad_server", `"${server}" is no server address (ipv4:port)`);
  }
  return `http://${server}`;
}

/** Traefik shows the first that bears the name that is asked for. */
function uploadedOf({ uploaded }: IngressConfig) {
  return uploaded === undefined ? [] : [{ certFile: uploaded.certFile, keyFile: uploaded.keyFile }];
}

function renderTls(config: IngressConfig) {
  const options = { default: { minVersion: "VersionTLS12" } };
  if (config.certificate === null) return { tls: { options } };
  const { certFile, keyFile } = config.certificate;
  const pair = { certFile, keyFile };
  return {
    tls: {
      options,
      certificates: [...uploadedOf(config), pair],
      stores: { default: { defaultCertificate: pair } },
    },
  };
}
