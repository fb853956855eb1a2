/** The problems that operations of the API can answer with. */
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { PROBLEM_TYPE } from "../../shared/api/problem.ts";

type Json = Readonly<Record<string, unknown>>;

const MEANING: Readonly<Record<number, string>> = {
  400: "The request is not as it should be: the path, the query, a header or the body",
  401: "Nobody is logged in, or the token, session or signature is not accepted",
  403: "The caller has not the role for this, or the request came from a foreign page",
  404: "There is no such thing, or it is not the caller's to see",
  409:
    "It does not fit what is there now: the thing is in use, exists already, or another release came between",
  412: "If-Match names another state than the one that there is",
  413: "The body is larger than this operation takes",
  422: "It was understood and cannot be done; `errors` names the single faults",
  429: "Too many tries, or too much at once: wait as long as Retry-After says",
  503: "The node does not answer now, or the control plane is ending: try again",
  507: "The disk is full: nothing was stored",
};

const ALWAYS = [400, 401, 403, 429, 503] as const;
/** What changes things, or asks the node. */
const CHANGING = [404, 409, 422, 507] as const;

/** Statuses of the problems of an operation, ascending. */
export function problemsOf(described: Endpoint): number[] {
  const { method, answer, body, params, query } = described;
  const statuses = new Set<number>(ALWAYS);
  const asksNode = "raw" in answer || described.object === "node" ||
    described.path.endsWith("/images");
  if (method !== "GET" || asksNode) { for (const each of CHANGING) statuses.add(each); }
  if (Object.keys(params.shape).length > 0 || "project" in query.shape) statuses.add(404);
  // Root on the box has no account of its own.
  if (described.object === "self") statuses.add(409);
  if (body !== null) statuses.add(413);
  if (described.conditional === true) statuses.add(412);
  return [...statuses].sort((a, b) => a - b);
}

const nameOf = (status: number) => `Problem${status}`;

/** The responses by status, as references. */
export function problemResponses(described: Endpoint): Record<string, Json> {
  return Object.fromEntries(
    problemsOf(described).map((status) => [
      String(status),
      { $ref: `#/components/responses/${nameOf(status)}` },
    ]),
  );
}

/** `components.responses` of the document. */
export function problemComponents(): Record<string, Json> {
  return Object.fromEntries(
    Object.entries(MEANING).map(([status, description]) => [nameOf(Number(status)), {
      description,
      ...(status === "429"
        ? {
          headers: {
            "Retry-After": { description: "Seconds to wait", schema: { type: "integer" } },
          },
        }
        : {}),
      content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
    }]),
  );
}
