/** A command as a list, or as one text that is split into words. */
import type { Read } from "./fields.ts";
import type { Reading } from "./reading.ts";
import { splitWords } from "./shell_words.ts";

/** Reports a text that only a shell could run. */
export function readCommand(reading: Reading): Read<string[]> {
  return (node, label) => {
    if (node.kind !== "scalar" || typeof node.value !== "string") {
      return reading.scalars.texts(node, label);
    }
    const split = splitWords(node.value);
    if (split.kind === "words") return split.words;
    reading.problems.report(
      node.at,
      "command",
      `"${label}" cannot be split into words: ${split.message}`,
      'write a list: ["sh", "-c", "..."]',
    );
    return undefined;
  };
}
