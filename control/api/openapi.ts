/** The OpenAPI 3.1 document, made of the same schemas that validate. */
import { z } from "zod";
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { ENDPOINTS, type Operation } from "../../shared/api/endpoints.ts";
import { IdempotencyKey } from "../../shared/api/limits.ts";
import { Problem } from "../../shared/api/problem.ts";
import { SESSION_COOKIE } from "../accounts/bearers.ts";
import { problemComponents, problemResponses } from "./openapi_answers.ts";
import { BODIES, HEADERS, PARAMETERS, tagOf, TAGS } from "./openapi_words.ts";

type Json = Readonly<Record<string, unknown>>;

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _schema, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  return rest;
}

function optional(schema: unknown): boolean {
  return schema instanceof z.ZodType && schema.safeParse(undefined).success ||
    schema instanceof z.ZodExactOptional;
}

function headerOf(name: keyof typeof HEADERS, schema: z.ZodType): Json {
  return { name, in: "header", required: false, ...HEADERS[name], schema: schemaOf(schema) };
}

function parameters(described: Endpoint): Json[] {
  const from = (place: "path" | "query", object: z.ZodObject): Json[] =>
    Object.entries(object.shape).map(([name, schema]) => ({
      name,
      in: place,
      required: place === "path" || !optional(schema),
      ...PARAMETERS[name],
      schema: schema instanceof z.ZodType ? schemaOf(schema) : {},
    }));
  const headers: Json[] = [
    ...(described.idempotent === undefined ? [] : [headerOf("Idempotency-Key", IdempotencyKey)]),
    ...(described.conditional === true ? [headerOf("If-Match", z.string())] : []),
  ];
  return [
    ...from("path", described.params),
    ...from("query", described.query),
    ...headers,
  ];
}

function requestBody(operation: Operation, described: Endpoint): Json {
  const { body } = described;
  if (body === null) return {};
  const example = BODIES[operation];
  const content = "json" in body
    ? {
      "application/json": {
        schema: schemaOf(body.json),
        ...(example === undefined ? {} : { example }),
      },
    }
    : { [body.raw]: { schema: { type: "string", format: "binary" } } };
  return { requestBody: { required: true, content } };
}

const RAW_TYPE = {
  bytes: "application/octet-stream",
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
} as const;

/** The fields of an event as it stands in the stream; its data is JSON. */
function serverSentEvent(data: Json): Json {
  return {
    type: "object",
    properties: {
      event: { type: "string" },
      data: { type: "string", contentMediaType: "application/json", contentSchema: data },
    },
    required: ["data"],
  };
}

function success(described: Endpoint): [string, Json] {
  const { answer } = described;
  if ("json" in answer) {
    return [String(answer.status), {
      description: described.summary,
      ...(answer.json === null
        ? {}
        : { content: { "application/json": { schema: schemaOf(answer.json) } } }),
    }];
  }
  if (answer.raw === "websocket") {
    return ["101", { description: "A WebSocket; see shared/api/exec.ts for its framing" }];
  }
  const one = answer.event === null ? { type: "string", format: "binary" } : schemaOf(answer.event);
  const schema = answer.raw === "sse" ? serverSentEvent(one) : one;
  return ["200", {
    description: described.summary,
    content: { [answer.type ?? RAW_TYPE[answer.raw]]: { schema } },
  }];
}

/** Watching, pages and repeats are the same everywhere. */
function description(described: Endpoint): string {
  const { scope, object, query, watch, answer } = described;
  const who = object === "none"
    ? "Needs no login."
    : scope === "agent" || scope === "enroll"
    ? "For nodes: the request has to be signed by the node's key."
    : scope === "self"
    ? "For everyone who is logged in, about their own account."
    : scope === "self_change"
    ? "For everyone who is logged in, about their own account; not for tokens of a role of their own."
    : `Needs the scope \`${scope}\`.`;
  return [
    `${described.summary}.`,
    who,
    ...(object === "filtered"
      ? ["Rows of projects that the caller does not see are left out."]
      : []),
    ...("limit" in query.shape
      ? ["Comes in pages of at most 1000 rows: where `next` stands, ask again with it as `after`."]
      : []),
    ...(watch === true
      ? ["Can be watched: send the ETag back in If-None-Match with `wait`; 304: nothing is new."]
      : []),
    ...(described.idempotent === undefined
      ? []
      : ["With an Idempotency-Key a repeat within a day is answered as the first time."]),
    ...(described.conditional === true
      ? ["With If-Match nothing is done where somebody changed it meanwhile (412)."]
      : []),
    ...("raw" in answer && answer.raw === "ndjson"
      ? ["A JSON value a line; the last one may be a problem."]
      : []),
  ].join(" ");
}

function security({ object, scope }: Endpoint): Json[] {
  if (object === "none") return [];
  if (scope === "agent" || scope === "enroll") return [{ signature: [] }];
  return [{ token: [] }, { session: [] }];
}

const SECURITY_SCHEMES = {
  token: {
    type: "http",
    scheme: "bearer",
    description: "An API token: `skt_…`, made by `skerry token create` or on the page",
  },
  session: {
    type: "apiKey",
    in: "cookie",
    name: SESSION_COOKIE,
    description: "A browser's session, by POST /api/v1/login",
  },
  signature: {
    type: "apiKey",
    in: "header",
    name: "signature",
    description: "RFC 9421, by a node's Ed25519 key",
  },
} as const;

const ABOUT =
  "Everything that the page and the command line do goes through this API. Root on the " +
  "box needs no login: `curl --unix-socket /run/skerry/control.sock http://localhost/api/v1/version`. " +
  "Problems are RFC 9457 (`application/problem+json`) with a stable `code` and a `remedy`. A field " +
  "that is added to an answer is no new version of the API: ignore what you do not know.";

/** The document; `version` is the program's. */
export function openApi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  const operations = Object.keys(ENDPOINTS).filter((key): key is Operation => key in ENDPOINTS);
  for (const operationId of operations) {
    const described: Endpoint = ENDPOINTS[operationId];
    const [status, answer] = success(described);
    const path = paths[described.path] ?? {};
    path[described.method.toLowerCase()] = {
      operationId,
      summary: described.summary,
      description: description(described),
      tags: [tagOf(described)],
      "x-skerry-scope": described.scope,
      "x-skerry-object": described.object,
      security: security(described),
      parameters: parameters(described),
      ...requestBody(operationId, described),
      responses: {
        [status]: answer,
        ...(described.watch === true
          ? { "304": { description: "It is as If-None-Match knows it" } }
          : {}),
        ...problemResponses(described),
      },
    };
    paths[described.path] = path;
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Skerry",
      version,
      description: ABOUT,
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    tags: Object.entries(TAGS).map(([name, text]) => ({ name, description: text })),
    paths,
    components: {
      schemas: { Problem: schemaOf(Problem) },
      responses: problemComponents(),
      securitySchemes: SECURITY_SCHEMES,
    },
  };
}
