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

const Page = z.looseObject({ items: z.array(z.unknown()), next: z.string() });

/**
 * The text of a list with the rows of all its pages; of any other answer, as it is.
 * @param more the text of the page after a cursor
 */
export async function wholeText(
  text: string,
  more: (after: string) => Promise<string>,
): Promise<string> {
  // A list of one page, as nearly all are, is read once.
  if (!text.includes('"next":')) return text;
  const first = Page.safeParse(parseJson(text));
  if (!first.success) return text;
  const items = [...first.data.items];
  let { next } = first.data;
  while (true) {
    const value = parseJson(await more(next));
    const page = z.looseObject({ items: z.array(z.unknown()) }).safeParse(value);
    if (page.success) items.push(...page.data.items);
    const following = Page.safeParse(value);
    if (!following.success || following.data.next === next) return JSON.stringify({ items });
    next = following.data.next;
  }
}
