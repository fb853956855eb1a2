/** Reading records from a response body: NDJSON lines and server-sent events. */
import { SkerryError } from "../errors.ts";

/** The longest single line that is kept. */
const MAX_LINE = 16 << 20;

/** The lines of a stream, without their newline. Ends with the stream; stopping early cancels it. */
export async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    while (true) {
      const { value, done } = await reader.read();
      if (done) break;
      rest += decoder.decode(value, { stream: true });
      let from = 0;
      for (let at = rest.indexOf("\n"); at >= 0; at = rest.indexOf("\n", from)) {
        yield rest.slice(from, rest[at - 1] === "\r" ? at - 1 : at);
        from = at + 1;
      }
      rest = rest.slice(from);
      if (rest.length > MAX_LINE) {
        throw new SkerryError(
          "line_too_long",
          `a line of the answer is over ${MAX_LINE} bytes`,
          "use a program of the same version",
        );
      }
    }
    if (rest !== "") yield rest;
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

/** The records of NDJSON: an empty line is the sign of life of a stream in which nothing happens. */
export async function* recordsIn(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  for await (const line of linesOf(stream)) if (line !== "") yield line;
}

/** The data of each server-sent event; comments and other fields are passed over. */
export async function* eventData(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let data: string[] = [];
  for await (const line of linesOf(stream)) {
    if (line === "") {
      if (data.length > 0) yield data.join("\n");
      data = [];
    } else if (line.startsWith("data:")) {
      data.push(line.slice(line[5] === " " ? 6 : 5));
    }
  }
}
