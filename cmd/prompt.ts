/** Questions on the terminal. */
import { SkerryError } from "../shared/errors.ts";
import type { Host } from "./cli.ts";

const MAX_BYTES = 64 << 10;

/**
 * Asks for one line on a terminal.
 * @param hidden the answer is not shown while it is typed
 * Throws `interrupted` at Ctrl-C, and where the input ends first.
 */
export async function ask(host: Host, question: string, hidden: boolean): Promise<string> {
  host.terminal.err(question);
  if (hidden) host.input.setRaw(true);
  try {
    const bytes: number[] = [];
    for await (const chunk of host.input.chunks()) {
      for (const byte of chunk) {
        if (byte === 10 || byte === 13) return new TextDecoder().decode(Uint8Array.from(bytes));
        if (hidden && (byte === 3 || (byte === 4 && bytes.length === 0))) throw interrupted();
        if (hidden && (byte === 127 || byte === 8)) dropCharacter(bytes);
        else bytes.push(byte);
        if (bytes.length > MAX_BYTES) {
          throw new SkerryError("too_long", "what was typed is over 64 KiB", "hand in a file");
        }
      }
    }
    throw interrupted();
  } finally {
    if (hidden) {
      host.input.setRaw(false);
      host.terminal.err("\n");
    }
  }
}

function dropCharacter(bytes: number[]): void {
  for (let byte = bytes.pop(); byte !== undefined && (byte & 0xc0) === 0x80; byte = bytes.pop());
}

function interrupted(): SkerryError {
  return new SkerryError("interrupted", "nothing was entered; nothing was done");
}

/** All of standard input, up to `limitBytes`. */
export async function readInput(host: Host, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of host.input.chunks()) {
    size += chunk.length;
    if (size > limitBytes) {
      throw new SkerryError(
        "too_large",
        `standard input is over ${limitBytes} bytes`,
        "hand in less",
      );
    }
    chunks.push(chunk.slice());
  }
  const all = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
