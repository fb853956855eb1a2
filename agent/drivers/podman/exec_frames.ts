/**
 * The frames that stdout and stderr share one connection in: [1|2, 0, 0, 0, length u32 BE] and the
 * payload. Payload is handed on as it comes, so no frame is ever held whole. Pure in effect.
 */
export interface ExecChunk {
  readonly stream: "stdout" | "stderr";
  readonly data: Uint8Array;
}

export interface FrameReader {
  push(bytes: Uint8Array): readonly ExecChunk[];
}

const HEADER_BYTES = 8;

export function createFrameReader(): FrameReader {
  const header = new Uint8Array(HEADER_BYTES);
  let headerFilled = 0;
  let left = 0;
  let stream: "stdout" | "stderr" = "stdout";
  return {
    push(bytes) {
      const chunks: ExecChunk[] = [];
      let at = 0;
      while (at < bytes.length) {
        if (left > 0) {
          const data = bytes.slice(at, at + left);
          chunks.push({ stream, data });
          at += data.length;
          left -= data.length;
          continue;
        }
        const taken = Math.min(HEADER_BYTES - headerFilled, bytes.length - at);
        header.set(bytes.subarray(at, at + taken), headerFilled);
        headerFilled += taken;
        at += taken;
        if (headerFilled < HEADER_BYTES) break;
        headerFilled = 0;
        stream = header[0] === 2 ? "stderr" : "stdout";
        left = new DataView(header.buffer).getUint32(4);
      }
      return chunks;
    },
  };
}
