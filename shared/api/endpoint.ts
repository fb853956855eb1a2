/** How one operation of the API is described: from this come routes, validation, OpenAPI and the client. */
import { z } from "zod";

/** What a caller must be allowed to do. Each operation has exactly one. */
export const SCOPES = [
  "read",
  "logs",
  "apply",
  "session",
  "secrets",
  "volumes",
  "images",
  "registries",
  "accounts",
  "settings",
  "self",
  "self_change",
  "login",
  "agent",
  "enroll",
] as const;
/**
 * `self`: who is logged in, about their own account; `self_change`: they too, but no token that was
 * made with less than its account has; `login`: anybody; `agent`: a node, for itself;
 * `enroll`: who holds a one-time token; the others: people by their role.
 */
export type Scope = (typeof SCOPES)[number];

/**
 * On what. Each operation has exactly one:
 * - `project`: the one that the path names as `{name}`
 * - `project_or_global`: the one that `?project=` names, else everything
 * - `release`, `deployment`, `network`: the project of the one that the path names
 * - `filtered`: whatever the caller has the role for; rows of other projects are left out
 * - `node`: a box, known to all who have the role anywhere; what it tells of projects is filtered
 * - `global`: what belongs to no project
 * - `self`: the caller's own account
 * - `none`: needs no login
 */
export const OBJECTS = [
  "project",
  "project_or_global",
  "release",
  "deployment",
  "network",
  "filtered",
  "node",
  "global",
  "self",
  "none",
] as const;
export type ObjectKind = (typeof OBJECTS)[number];

/** Bodies that are no JSON. */
export type RawBody = { readonly raw: string; readonly limitBytes: number };
/** Answers that are no single JSON value; `event` is the schema of each record. */
export type RawAnswer = {
  readonly raw: "bytes" | "sse" | "ndjson" | "websocket";
  readonly event: z.ZodType | null;
  /** Media type of bytes that have one of their own. */
  readonly type?: string;
};

export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `{name}` parameters, each one path segment. */
  readonly path: string;
  readonly scope: Scope;
  readonly object: ObjectKind;
  readonly summary: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: { readonly json: z.ZodType; readonly limitBytes: number } | RawBody | null;
  readonly answer:
    | { readonly status: 200 | 201 | 202 | 204; readonly json: z.ZodType | null }
    | RawAnswer;
  /**
   * It can be watched: the answer has an ETag, and a request with it in If-None-Match and
   * `?wait=SECONDS` is held until there is another answer (304: there is none yet).
   */
  readonly watch?: true;
  /**
   * It takes an Idempotency-Key: a repeat is answered as the first time and does nothing more.
   * `route`: the answer is kept beside the handler; `handler`: with what the handler does, at once.
   */
  readonly idempotent?: "route" | "handler";
  /** It takes If-Match with the `etag` of what it changes: 412 where somebody changed it meanwhile. */
  readonly conditional?: true;
}

/** One JSON answer that can be watched. */
export type Watchable<Answer extends z.ZodType = z.ZodType> = Endpoint & {
  readonly watch: true;
  readonly answer: { readonly status: 200; readonly json: Answer };
};

/** Keeps the exact type of an endpoint's schemas. */
export function endpoint<const E extends Endpoint>(described: E): E {
  return described;
}

export type AnswerOf<E extends Endpoint> = E["answer"] extends { readonly json: infer S }
  ? S extends z.ZodType ? z.infer<S> : null
  : never;

/** The path of an endpoint with its parameters filled in and escaped. */
export function pathOf(
  described: Endpoint,
  params: Readonly<Record<string, string>>,
): string {
  return described.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name];
    if (value === undefined || value === "") {
      throw new RangeError(`${described.path} needs the parameter "${name}"`);
    }
    return encodeURIComponent(value);
  });
}
