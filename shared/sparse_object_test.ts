import { deepStrictEqual, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { sparseObject } from "./sparse_object.ts";

const shape = {
  name: z.string().min(1),
  count: z.int().nullable(),
  ports: z.array(z.strictObject({ port: z.int(), host: z.string().exactOptional() }))
    .exactOptional(),
  note: z.string().exactOptional(),
  kind: z.enum(["a", "b"]).optional(),
  size: z.int().default(3),
};

const some = (value: fc.Arbitrary<unknown>) => fc.option(value, { nil: undefined });

Deno.test("gives what a strict object gives, and its errors", () => {
  const strict = z.strictObject(shape);
  const sparse = sparseObject(shape);
  const value = fc.record({
    name: some(fc.constantFrom("x", "", 1)),
    count: some(fc.constantFrom(1, null, "1")),
    ports: some(fc.constantFrom([], [{ port: 1 }], [{ port: 1, host: "h" }], [{ at: 1 }], null)),
    note: some(fc.constantFrom("n", 1)),
    kind: some(fc.constantFrom("a", "c")),
    size: some(fc.constantFrom(1, "1")),
    other: fc.constantFrom(1),
  }, { requiredKeys: [] });
  fc.assert(fc.property(fc.oneof(value, fc.anything()), (each) => {
    const one = sparse.safeParse(each);
    const other = strict.safeParse(each);
    strictEqual(one.success, other.success);
    deepStrictEqual(one.data, other.data);
    deepStrictEqual(one.error?.issues, other.error?.issues);
  }));
});

Deno.test("a read value is one of its own, below other objects too", () => {
  const list = z.array(sparseObject(shape));
  const given = [{ name: "x", count: 1, size: 1 }];
  const read = list.parse(given);
  deepStrictEqual(read, given);
  strictEqual(read[0] === given[0], false);
  deepStrictEqual(list.safeParse([{ name: 1 }]).error?.issues[0]?.path, [0, "name"]);
});

Deno.test("its JSON schema is that of a strict object", () => {
  deepStrictEqual(z.toJSONSchema(sparseObject(shape)), z.toJSONSchema(z.strictObject(shape)));
});
