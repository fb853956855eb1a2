/** The framing of exec over a WebSocket, as in shared/api/exec.ts: one byte says the channel. No DOM. */

export const STDIN = 0;

/** More than this goes in several frames. */
const FRAME_BYTES = 64 << 10;

/** What a person typed or pasted, as frames. */
export function stdinFrames(text: string): Uint8Array<ArrayBuffer>[] {
  const bytes = new TextEncoder().encode(text);
  const frames: Uint8Array<ArrayBuffer>[] = [];
  for (let at = 0; at < bytes.length; at += FRAME_BYTES) {
    const piece = bytes.subarray(at, at + FRAME_BYTES);
    const frame = new Uint8Array(piece.length + 1);
    frame[0] = STDIN;
    frame.set(piece, 1);
    frames.push(frame);
  }
  return frames;
}

/** What a frame of the server shows; null: it is not known. */
export function outputOf(frame: ArrayBuffer): Uint8Array | null {
  const bytes = new Uint8Array(frame);
  return bytes[0] === 1 || bytes[0] === 2 ? bytes.subarray(1) : null;
}

/** A text of the server: `pong` answers a `ping`, the others are its last. */
export type ServerWord =
  | { readonly type: "pong" }
  | { readonly type: "exit"; readonly code: number }
  | { readonly type: "error"; readonly detail: string };

/** Null: it is not to be understood. */
export function serverWord(text: string): ServerWord | null {
  try {
    const word: { type?: unknown; code?: unknown; problem?: { detail?: unknown } } = JSON.parse(
      text,
    );
    if (word.type === "exit" && typeof word.code === "number") {
      return { type: "exit", code: word.code };
    }
    if (word.type === "pong") return { type: "pong" };
    if (word.type !== "error") return null;
    const detail = word.problem?.detail;
    return { type: "error", detail: typeof detail === "string" ? detail : "it failed" };
  } catch {
    return null;
  }
}
