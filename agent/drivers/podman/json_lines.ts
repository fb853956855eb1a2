/** A body of JSON lines, line by line, each of bounded length. */
import { podmanError } from "./errors.ts";

const MAX_LINE_CHARS = 1024 * 1024;

export interface LineSplitter {
  push(chunk: Uint8Array): readonly string[];
  end(): readonly string[];
}

/** Takes chunks, gives whole lines without their newline; `end` gives what is left. Pure in effect. */
export function createLineSplitter(doing: string): LineSplitter {
  const decoder = new TextDecoder();
  let rest = "";
  return {
    push(chunk: Uint8Array): readonly string[] {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      if (rest.length > MAX_LINE_CHARS) {
        throw podmanError(
          "podman_answer",
          doing,
          `a line of more than ${MAX_LINE_CHARS} characters`,
        );
      }
      return lines.filter((line) => line.trim() !== "");
    },
    end(): readonly string[] {
      const last = rest + decoder.decode();
      rest = "";
      return last.trim() === "" ? [] : [last];
    },
  };
}
