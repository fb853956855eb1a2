/**
 * Traefik rules from hosts and paths. Whatever could end a string, be read in two ways, or be
 * rewritten on the way is refused, not escaped (CVE-2026-40912: encoded dots around a prefix).
 */
import type { RouteProblem } from "./config.ts";

/** A rule, and what two routes may not share. */
export interface Rule {
  readonly rule: string;
  /** Higher wins: a named host before any host, a longer path before a shorter one. */
  readonly priority: number;
  /** Normalised host and path. */
  readonly key: string;
  /** Lower-case host; null: any. */
  readonly host: string | null;
}

export type RuleResult =
  | { readonly kind: "ok"; readonly rule: Rule }
  | { readonly kind: "refused"; readonly problem: RouteProblem };

const MAX_PATH = 1024;
const HOST_FIRST = 10_000;

/** A host name, or IPv4 address, as one may write it in a route: lower-cased; null: not one. */
export function normaliseHost(host: string): string | null {
  const lower = host.toLowerCase();
  if (lower.length === 0 || lower.length > 253) return null;
  const label = /^[a-z0-9]([a-z0-9_-]{0,61}[a-z0-9])?$/;
  return lower.split(".").every((part) => label.test(part)) ? lower : null;
}

/** A path without its last slash; null: not one that is matched the way it is written. */
export function normalisePath(path: string): string | null {
  if (!path.startsWith("/") || path.length > MAX_PATH) return null;
  if (path === "/") return path;
  const trimmed = path.endsWith("/") ? path.slice(0, -1) : path;
  const segments = trimmed.slice(1).split("/");
  const allowed = /^[A-Za-z0-9._~!$&'()*+,=:@-]+$/;
  const sound = segments.every((part) => allowed.test(part) && part !== "." && part !== "..");
  return sound ? trimmed : null;
}

/** The rule for a host (null: any) and a path prefix at segment borders. */
export function buildRule(host: string | null, path: string): RuleResult {
  const cleanHost = host === null ? null : normaliseHost(host);
  if (host !== null && cleanHost === null) {
    return {
      kind: "refused",
      problem: {
        code: "route_invalid_host",
        message: `"${printable(host)}" is not a host name`,
        remedy: "Write a full name of letters, digits and hyphens, such as shop.example.com, " +
          "without port, scheme or wildcard; leave host out for any host.",
      },
    };
  }
  const cleanPath = normalisePath(path);
  if (cleanPath === null) {
    return {
      kind: "refused",
      problem: {
        code: "route_invalid_path",
        message: `"${printable(path)}" is not a path that can be routed`,
        remedy: 'Write a plain path such as /api, without "..", "//", "%" or spaces.',
      },
    };
  }
  const parts: string[] = [];
  if (cleanHost !== null) parts.push(`Host(\`${cleanHost}\`)`);
  if (cleanPath === "/") parts.push("PathPrefix(`/`)");
  else parts.push(`(Path(\`${cleanPath}\`) || PathPrefix(\`${cleanPath}/\`))`);
  return {
    kind: "ok",
    rule: {
      rule: parts.join(" && "),
      priority: (cleanHost === null ? 0 : HOST_FIRST) + cleanPath.length,
      key: `${cleanHost ?? "*"} ${cleanPath}`,
      host: cleanHost,
    },
  };
}

/** A value to be quoted in a message: control characters shown, at most 80 characters. */
function printable(text: string): string {
  const shown = JSON.stringify(text).slice(1, -1);
  return shown.length > 80 ? `${shown.slice(0, 77)}...` : shown;
}
