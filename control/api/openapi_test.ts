import assert from "node:assert/strict";
import { z } from "zod";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { IdempotencyKey } from "../../shared/api/limits.ts";
import { openApi } from "./openapi.ts";
import { BODIES, HEADERS, PARAMETERS, TAGS } from "./openapi_words.ts";

const Schema = z.record(z.string(), z.json());
const Content = z.record(
  z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/),
  z.strictObject({ schema: Schema, example: z.json().optional() }),
);
const Answer = z.strictObject({
  description: z.string().min(1),
  headers: z.record(z.string(), z.json()).optional(),
  content: Content.optional(),
});
/** What of OpenAPI 3.1 the document may be made of. */
const Document = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    description: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  servers: z.tuple([z.strictObject({ url: z.literal("/") })]),
  tags: z.array(z.strictObject({ name: z.enum(Object.keys(TAGS)), description: z.string() })),
  paths: z.record(
    z.string().startsWith("/api/v1/"),
    z.partialRecord(
      z.enum(["get", "put", "post", "delete"]),
      z.strictObject({
        operationId: z.string(),
        summary: z.string().min(5),
        description: z.string().min(20),
        tags: z.tuple([z.enum(Object.keys(TAGS))]),
        security: z.array(z.partialRecord(z.enum(["token", "session", "signature"]), z.tuple([]))),
        "x-skerry-scope": z.string(),
        "x-skerry-object": z.string(),
        parameters: z.array(z.strictObject({
          name: z.string(),
          in: z.enum(["path", "query", "header"]),
          required: z.boolean(),
          description: z.string().min(5),
          example: z.string(),
          schema: Schema,
        })),
        requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
        responses: z.record(
          z.string().regex(/^[1-5]\d\d$/),
          z.union([Answer, z.strictObject({ $ref: z.string() })]),
        ),
      }),
    ),
  ),
  components: z.strictObject({
    schemas: z.record(z.string(), Schema),
    responses: z.record(z.string(), Answer),
    securitySchemes: z.record(z.string(), Schema),
  }),
});

/** All `$ref`s of a value. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) =>
    key === "$ref" && typeof each === "string" ? [each] : references(each)
  );
}

Deno.test("the document is OpenAPI 3.1 and has every operation with its parameters", () => {
  const document = Document.parse(JSON.parse(JSON.stringify(openApi("1.2.3"))));
  const listed = Object.values(document.paths).flatMap((path) => Object.values(path));
  assert.deepEqual(
    listed.map((each) => each.operationId).sort(),
    Object.keys(ENDPOINTS).sort(),
  );
  for (const [path, methods] of Object.entries(document.paths)) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1]);
    for (const each of Object.values(methods)) {
      const given = each.parameters.filter((one) => one.in === "path").map((one) => one.name);
      assert.deepEqual(given, named, each.operationId);
      assert.ok(Object.keys(each.responses).length > 1, each.operationId);
    }
  }
  const { components } = document;
  for (const reference of new Set(references(document))) {
    const [, , kind = "", name = ""] = reference.split("/");
    const there = kind === "schemas" ? components.schemas : components.responses;
    assert.ok(name in there, reference);
  }
});

Deno.test("every parameter has words and an example that fits, and none is left over", () => {
  const used = new Set<string>();
  for (const [operation, described] of Object.entries(ENDPOINTS)) {
    const { params, query } = described;
    for (const [name, schema] of Object.entries({ ...params.shape, ...query.shape })) {
      used.add(name);
      const words = PARAMETERS[name];
      assert.ok(words, `${operation}: "${name}" has no words in openapi_words.ts`);
      assert.ok(schema instanceof z.ZodType);
      const fits = schema.safeParse(words.example);
      assert.ok(fits.success, `${operation}: the example of "${name}": ${fits.error?.message}`);
    }
  }
  assert.deepEqual(Object.keys(PARAMETERS).filter((name) => !used.has(name)), []);
});

Deno.test("headers of requests stand where they mean something, with examples that fit", () => {
  const document = Document.parse(JSON.parse(JSON.stringify(openApi("1.2.3"))));
  const listed = Object.values(document.paths).flatMap((path) => Object.values(path));
  const taking = (header: string) =>
    listed.filter((each) => each.parameters.some(({ name }) => name === header));
  assert.deepEqual(taking("Idempotency-Key").map((each) => each.operationId).sort(), [
    "createAccount",
    "createRelease",
    "createSetupLink",
    "edit",
    "resetAccount",
    "startRun",
  ]);
  assert.ok(IdempotencyKey.safeParse(HEADERS["Idempotency-Key"].example).success);
  const conditional = taking("If-Match");
  assert.deepEqual(conditional.map((each) => each.operationId).sort(), [
    "putRegistry",
    "putSecret",
    "setGrants",
  ]);
  assert.ok(conditional.every((each) => "412" in each.responses));
});

Deno.test("the examples of bodies are accepted", () => {
  for (const [operation, described] of Object.entries(ENDPOINTS)) {
    const example = Object.entries(BODIES).find(([name]) => name === operation)?.[1];
    if (example === undefined) continue;
    assert.ok(described.body !== null && "json" in described.body, operation);
    const fits = described.body.json.safeParse(example);
    assert.ok(fits.success, `${operation}: ${fits.error?.message}`);
  }
});
