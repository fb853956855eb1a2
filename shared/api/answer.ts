/** What the control plane answers, read. */
import { z } from "zod";
import { SkerryError } from "../errors.ts";

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new SkerryError(
      "unexpected_answer",
      `the control plane's answer is no JSON: "${text.slice(0, 200)}"`,
      "Check that program and control plane have the same version.",
      { cause },
    );
  }
}

/** Error `unexpected_answer`: it is not what this program knows. */
export function parseAnswer<S extends z.ZodType>(schema: S, text: string): z.infer<S> {
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new SkerryError(
    "unexpected_answer",
    `the control plane's answer is not understood: ${z.prettifyError(parsed.error)}`,
    "Use the program in the same version as the control plane.",
  );
}
