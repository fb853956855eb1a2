import assert from "node:assert/strict";
import { z } from "zod";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { openApi } from "./openapi.ts";

const Schema = z.record(z.string(), z.json());
const Content = z.record(
  z.string().regex(/^[a-z]+\/[a-z.+-]+$/),
  z.strictObject({ schema: Schema }),
);
/** What of OpenAPI 3.1 the document may be made of. */
const Document = z.strictObject({
  openapi: z.literal("3.1.0"),
  info: z.strictObject({
    title: z.string(),
    version: z.string(),
    license: z.strictObject({ name: z.string(), identifier: z.string() }),
  }),
  paths: z.record(
    z.string().startsWith("/api/v1/"),
    z.partialRecord(
      z.enum(["get", "put", "post", "delete"]),
      z.strictObject({
        operationId: z.string(),
        summary: z.string().min(5),
        tags: z.array(z.string()),
        "x-skerry-scope": z.string(),
        "x-skerry-object": z.string(),
        parameters: z.array(z.strictObject({
          name: z.string(),
          in: z.enum(["path", "query"]),
          required: z.boolean(),
          schema: Schema,
        })),
        requestBody: z.strictObject({ required: z.boolean(), content: Content }).optional(),
        responses: z.record(
          z.string().regex(/^([1-5]\d\d|default)$/),
          z.strictObject({ description: z.string().min(1), content: Content.optional() }),
        ),
      }),
    ),
  ),
  components: z.strictObject({ schemas: z.record(z.string(), Schema) }),
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
  assert.deepEqual([...new Set(references(document))], ["#/components/schemas/Problem"]);
});
