/** Between an operation's description and its handler: who may, what is asked, what went wrong. */
import { z } from "zod";
import type { Endpoint, Scope } from "../../shared/api/endpoint.ts";
import { PROBLEM_TYPE } from "../../shared/api/problem.ts";
import type { Problem } from "../../shared/api/problem.ts";
import { isNoSpace } from "../../shared/disk_space.ts";
import { DISK_FULL, FREE_SPACE } from "../../shared/disk_text.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { parseJson } from "../../shared/parse_json.ts";
import { type Caller, nameOf } from "../authz/caller.ts";
import {
  type AuthzObject,
  lacksLogin,
  lacksSignature,
  may,
  type Sight,
  sightOf,
} from "../authz/may.ts";
import { objectOf } from "../authz/object.ts";
import type { Context } from "../context.ts";
import { Refused } from "../decide/fault.ts";
import { RetryLater } from "../retry_later.ts";
import { readBytes } from "./body.ts";
import { hostOf } from "../reached_at.ts";
import { held } from "./held.ts";
import { once } from "./idempotency.ts";

export { bodyChunks, readBytes } from "./body.ts";

/** What a handler is given. */
export interface Asked<Params, Query> {
  readonly params: Params;
  readonly query: Query;
  readonly request: Request;
  readonly caller: Caller;
  /** For the log of changes. */
  readonly by: string;
  /** The rows that the caller may see, by the operation's scope. */
  readonly sight: Sight;
  /** The host by which the caller reaches what has no name of its own. */
  readonly reachedAt: string;
  /** Ends with the app, or with the caller's right to this: what goes on has to end then. */
  readonly closing: AbortSignal;
}

export type RouteHandler = (
  context: Context,
  request: Request,
  params: Readonly<Record<string, string>>,
  caller: Caller,
) => Promise<Response>;

const STATUS: Readonly<Record<string, number>> = {
  not_signed: 401,
  not_logged_in: 401,
  token_invalid: 401,
  login_failed: 401,
  code_needed: 401,
  code_wrong: 401,
  password_wrong: 403,
  foreign_origin: 403,
  link_refused: 403,
  set_up_already: 409,
  name_taken: 409,
  last_admin: 409,
  totp_there: 409,
  totp_not_begun: 409,
  no_account: 409,
  too_many_tokens: 409,
  too_many: 429,
  too_many_requests: 429,
  too_many_uploads: 429,
  too_slow: 408,
  login_busy: 503,
  bad_signature: 401,
  bad_digest: 401,
  unknown_key: 401,
  replayed: 401,
  not_found: 404,
  method_not_allowed: 405,
  forbidden: 403,
  token_refused: 403,
  wrong_node: 403,
  too_large: 413,
  volume_in_use: 409,
  image_in_use: 409,
  outcome_unknown: 409,
  changed_meanwhile: 412,
  secret_in_use: 409,
  not_running: 409,
  job_running: 409,
  run_unknown: 404,
  bad_request: 400,
  no_node: 503,
  closing: 503,
  node_unreachable: 503,
  range_exhausted: 409,
  database_full: 507,
  disk_nearly_full: 507,
  disk_full: 507,
};

/** What a person and a program are told of an error. */
export function problemOf(thrown: unknown): Problem {
  if (isNoSpace(thrown) && !(thrown instanceof SkerryError && STATUS[thrown.code] === 507)) {
    return problemOf(
      new SkerryError(DISK_FULL, `the disk is full: ${messageOf(thrown)}`, FREE_SPACE),
    );
  }
  if (thrown instanceof SkerryError) {
    const status = thrown instanceof Refused ? thrown.status : STATUS[thrown.code] ?? 422;
    return {
      type: `tag:skerry,2026:${thrown.code}`,
      title: thrown.code.replaceAll("_", " "),
      status,
      detail: thrown.message,
      code: thrown.code,
      remedy: thrown.remedy,
      ...(thrown instanceof RetryLater ? { retryAfterSeconds: thrown.retryAfterSeconds } : {}),
      ...(thrown instanceof Refused ? { errors: thrown.faults.map((each) => ({ ...each })) } : {}),
    };
  }
  return {
    type: "tag:skerry,2026:internal",
    title: "internal error",
    status: 500,
    detail: "the control plane failed at this; its log says more",
    code: "internal",
    remedy: "Look at the log of skerry, and report it with that.",
  };
}

/** What a signature would have got in. */
const SIGNATURE = new Set(["not_signed", "bad_signature", "bad_digest", "unknown_key", "replayed"]);

/** A problem as an answer. */
export function problemResponse(problem: Problem): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: {
      "content-type": PROBLEM_TYPE,
      ...(problem.status === 401
        ? { "www-authenticate": SIGNATURE.has(problem.code) ? "Signature" : "Bearer" }
        : {}),
      ...(problem.retryAfterSeconds === undefined
        ? {}
        : { "retry-after": String(problem.retryAfterSeconds) }),
    },
  });
}

function parse<S extends z.ZodType>(schema: S, value: unknown, what: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SkerryError(
    "bad_request",
    `${what} is not as it should be: ${z.prettifyError(parsed.error).slice(0, 2000)}`,
    "See /api/v1/openapi.json, or use a program of the same version.",
  );
}

/** Half of a character gets through UTF-8 by an escape alone. */
const ESCAPED_SURROGATE = /\\u[dD][89a-fA-F]/;

/** Half of a character is no text: it can be neither hashed nor stored. */
function wellFormed(key: string, value: unknown): unknown {
  if (!key.isWellFormed() || typeof value === "string" && !value.isWellFormed()) {
    throw new SyntaxError("a text holds a surrogate without its other half");
  }
  return value;
}

/** A JSON body of the shape that the operation describes. */
export async function readJson<S extends z.ZodType>(
  request: Request,
  body: { readonly json: S; readonly limitBytes: number },
): Promise<z.infer<S>> {
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\b/i.test(type)) {
    throw new SkerryError(
      "bad_request",
      `the body's type is "${type.slice(0, 80)}", not application/json`,
      "Send JSON with that Content-Type.",
    );
  }
  const text = new TextDecoder().decode(await readBytes(request, body.limitBytes));
  let value: unknown;
  try {
    value = parseJson(text, ESCAPED_SURROGATE.test(text) ? wellFormed : undefined);
  } catch (thrown) {
    throw new SkerryError(
      "bad_request",
      `the body is no JSON: ${messageOf(thrown)}`,
      "Send JSON that is whole.",
    );
  }
  return parse(body.json, value, "the body");
}

/** An answer of the shape that the operation describes. */
export function answerJson<S extends z.ZodType>(
  described: { readonly answer: { readonly status: number; readonly json: S } },
  value: z.infer<S>,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status: described.answer.status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}

/** The answer of operations that have nothing to say. */
export function answerNothing(): Response {
  return new Response(null, { status: 204 });
}

function closingFor({ closing, logins }: Context, caller: Caller): AbortSignal {
  return logins.revocations.signalFor(caller) ?? closing;
}

/** What whoever was refused does about it: a token may lack what its account has. */
function wayIn(context: Context, caller: Caller, scope: Scope, object: AuthzObject): string {
  if (caller.kind === "user" && caller.by.kind === "token") {
    if (scope === "self_change") {
      return "A token with a role of its own changes nothing of its account: log in on the page, or " +
        "with `skerry login`.";
    }
    const account = { ...caller, grants: context.store.accounts.grants(caller.account) };
    if (may(account, scope, object)) {
      return `The account "${caller.name}" may: this token was made for less. Make another one ` +
        "with the role for it, on the page or with `skerry token create NAME --role ROLE`.";
    }
  }
  return "An administrator can grant the role for it; `skerry user grant` on the box does so too.";
}

/** Throws where the caller may not do this; what others have looks to them as if it were not there. */
function authorise(
  context: Context,
  described: Endpoint,
  params: Readonly<Record<string, string>>,
  query: Readonly<Record<string, string>>,
  caller: Caller,
): void {
  const { scope } = described;
  if (lacksSignature(caller, scope)) {
    throw new SkerryError(
      "not_signed",
      `${nameOf(caller)} may not do this: it takes requests signed by a node's key alone`,
      "This is for agents; people use the rest of the API.",
    );
  }
  const object = objectOf(context, described, params, query);
  // Of what is not there the handler tells those who may see everything.
  if (may(caller, scope, object ?? { kind: "global" })) return;
  if (lacksLogin(caller, scope)) {
    throw new SkerryError(
      "not_logged_in",
      "this needs a login, or an API token",
      "Log in on the page, or with `skerry login`; programs send `Authorization: Bearer TOKEN`.",
    );
  }
  const isLookedUp = object === null || described.object === "release" ||
    described.object === "deployment" || described.object === "network";
  if (isLookedUp && may(caller, scope, { kind: "any" })) {
    throw new SkerryError(
      "not_found",
      "there is no such thing, or it is not yours to see",
      "Look for a mistake in its name; `skerry get projects` lists what is yours to see.",
    );
  }
  throw new SkerryError(
    "forbidden",
    `${nameOf(caller)} may not do this (it needs the scope "${scope}"${
      object?.kind === "project" ? ` in project "${object.name}"` : ""
    })`,
    wayIn(context, caller, scope, object ?? { kind: "global" }),
  );
}

/** What stands behind the `?`: each name once, and none that means nothing. */
function queryOf(described: Endpoint, request: Request): Record<string, string> {
  const { searchParams } = new URL(request.url);
  const known = Object.keys(described.query.shape);
  for (const name of searchParams.keys()) {
    const shown = JSON.stringify(name.slice(0, 100));
    if (!known.includes(name)) {
      throw new SkerryError(
        "bad_request",
        `the query has ${shown}, which means nothing here`,
        known.length === 0 ? "Leave it away." : `Use these alone: ${known.join(", ")}.`,
      );
    }
    if (searchParams.getAll(name).length > 1) {
      throw new SkerryError(
        "bad_request",
        `the query has ${shown} more than once`,
        "Send it once.",
      );
    }
  }
  return Object.fromEntries(searchParams);
}

/** A handler behind the checks that its description asks for. */
export function route<P extends z.ZodObject, Q extends z.ZodObject>(
  described: Endpoint & { readonly params: P; readonly query: Q },
  handle: (context: Context, asked: Asked<z.infer<P>, z.infer<Q>>) => Promise<Response>,
): RouteHandler {
  return async (context, request, params, caller) => {
    try {
      // Who may not do this is not told what it takes.
      const asked = Object.fromEntries(new URL(request.url).searchParams);
      authorise(context, described, params, asked, caller);
    } catch (thrown) {
      await request.body?.cancel();
      throw thrown;
    }
    const query = queryOf(described, request);
    const asked = {
      params: parse(described.params, params, "the path"),
      query: parse(described.query, query, "the query"),
      request,
      caller,
      by: nameOf(caller),
      sight: sightOf(caller, described.scope),
      get reachedAt() {
        return hostOf(request, context.settings);
      },
      get closing() {
        return closingFor(context, caller);
      },
    };
    if (described.idempotent === "route") {
      return await once(
        context,
        described,
        request,
        caller,
        (again) => handle(context, { ...asked, request: again }),
      );
    }
    if (described.watch !== true) return await handle(context, asked);
    const waitSeconds = Number(query["wait"] ?? "0");
    return await held(
      { ...asked, stateBell: context.stateBell },
      request,
      waitSeconds,
      () => handle(context, asked),
    );
  };
}
