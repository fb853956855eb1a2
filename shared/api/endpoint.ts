/** How one operation of the API is described: from this come routes, validation, OpenAPI and the client. */
import { z } from "zod";

/** What a caller must be allowed to do. Each operation has exactly one. */
export const SCOPES = [
  "read",
  "apply",
  "secrets",
  "volumes",
  "session",
  "agent",
  "enroll",
] as const;
/** `agent`: a node, for itself; `enroll`: who holds a one-time token; the others: people. */
export type Scope = (typeof SCOPES)[number];

/** Bodies that are no JSON. */
export type RawBody = { readonly raw: string; readonly limitBytes: number };
/** Answers that are no single JSON value; `event` is the schema of each record. */
export type RawAnswer = {
  readonly raw: "bytes" | "sse" | "ndjson" | "websocket";
  readonly event: z.ZodType | null;
};

export interface Endpoint {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** With `{name}` parameters, each one path segment. */
  readonly path: string;
  readonly scope: Scope;
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
