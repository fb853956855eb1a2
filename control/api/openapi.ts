/** The OpenAPI 3.1 document, made of the same schemas that validate. */
import { z } from "zod";
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { Problem, PROBLEM_TYPE } from "../../shared/api/problem.ts";

type Json = Readonly<Record<string, unknown>>;

function schemaOf(schema: z.ZodType): Json {
  const { $schema: _schema, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
  });
  return rest;
}

function parameters(described: Endpoint): Json[] {
  const from = (place: "path" | "query", object: z.ZodObject): Json[] =>
    Object.entries(object.shape).map(([name, schema]) => ({
      name,
      in: place,
      required: place === "path",
      schema: schema instanceof z.ZodType ? schemaOf(schema) : {},
    }));
  return [...from("path", described.params), ...from("query", described.query)];
}

function requestBody(described: Endpoint): Json {
  const { body } = described;
  if (body === null) return {};
  const content = "json" in body
    ? { "application/json": { schema: schemaOf(body.json) } }
    : { [body.raw]: { schema: { type: "string", format: "binary" } } };
  return { requestBody: { required: true, content } };
}

const RAW_TYPE = {
  bytes: "application/octet-stream",
  sse: "text/event-stream",
  ndjson: "application/x-ndjson",
} as const;

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
  const schema = answer.event === null
    ? { type: "string", format: "binary" }
    : schemaOf(answer.event);
  return ["200", {
    description: described.summary,
    content: { [RAW_TYPE[answer.raw]]: { schema } },
  }];
}

/** The document; `version` is the program's. */
export function openApi(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [operationId, described] of Object.entries(ENDPOINTS)) {
    const [status, answer] = success(described);
    const path = paths[described.path] ?? {};
    path[described.method.toLowerCase()] = {
      operationId,
      summary: described.summary,
      tags: [described.scope],
      "x-skerry-scope": described.scope,
      "x-skerry-object": described.object,
      parameters: parameters(described),
      ...requestBody(described),
      responses: {
        [status]: answer,
        default: {
          description: "A problem (RFC 9457)",
          content: { [PROBLEM_TYPE]: { schema: { $ref: "#/components/schemas/Problem" } } },
        },
      },
    };
    paths[described.path] = path;
  }
  return {
    openapi: "3.1.0",
    info: { title: "Skerry", version, license: { name: "Apache-2.0", identifier: "Apache-2.0" } },
    paths,
    components: { schemas: { Problem: schemaOf(Problem) } },
  };
}
