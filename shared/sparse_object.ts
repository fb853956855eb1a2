/**
 * A strict object of which most keys are absent most of the time, read by the keys that are there:
 * zod's own way tries each key that there could be, which for the hundred of a compose service is
 * most of the work. What is not as it should be is left to zod, which says what is wrong.
 */
import { z } from "zod";

/** As z.strictObject gives it: same values, same errors, same JSON schema. */
export function sparseObject<S extends z.core.$ZodLooseShape>(
  shape: S,
): z.ZodObject<S, z.core.$strict> {
  const schema = z.strictObject(shape);
  const fields = new Map(Object.entries(shape));
  const isOptional = (field: z.core.SomeType) =>
    field._zod.optin === "optional" && field._zod.optout === "optional";
  const needed = [...fields.keys()].filter((key) => {
    const field = fields.get(key);
    return field !== undefined && !isOptional(field);
  });
  const context = { async: false };
  return z.withParser(schema, (input) => {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return z.INVALID;
    for (const key of needed) if (!Object.hasOwn(input, key)) return z.INVALID;
    const output = Object.create(Object.prototype);
    for (const [key, value] of Object.entries(input)) {
      const field = fields.get(key);
      if (field === undefined) return z.INVALID;
      const read = field._zod.run({ value, issues: [] }, context);
      if (read instanceof Promise || read.issues.length > 0) return z.INVALID;
      output[key] = read.value;
    }
    return output;
  });
}
