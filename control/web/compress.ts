/** Answers made small, where the browser takes that and it is worth it. */
import { once } from "node:events";
import {
  type BrotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  type Gzip,
  gzipSync,
} from "node:zlib";

/** Shorter texts fit into one packet as they are. */
const WORTH_BYTES = 1_200;

export type Coding = "br" | "gzip" | null;

/** The coding that the browser takes and that is best. */
export function codingOf(request: Request): Coding {
  const takes = (request.headers.get("accept-encoding") ?? "").split(",")
    .map((each) => each.trim().split(";")).filter(([, q]) => !/^\s*q=0(\.0*)?$/.test(q ?? ""))
    .map(([name]) => name);
  return takes.includes("br") ? "br" : takes.includes("gzip") ? "gzip" : null;
}

/**
 * So much that it takes a few milliseconds: nothing else is done meanwhile. The best that brotli
 * can do makes a tenth less of a script, and takes thirty times as long.
 */
const BROTLI_QUALITY = 4;
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } };
const GZIP = { level: 5 };

/** A text in a coding. */
export function compressed(
  text: Uint8Array<ArrayBuffer>,
  coding: Exclude<Coding, null>,
): Uint8Array<ArrayBuffer> {
  const made = coding === "gzip" ? gzipSync(text, GZIP) : brotliCompressSync(text, BROTLI);
  return new Uint8Array(made);
}

/** A text as an answer, with its coding in the headers. */
export function textResponse(
  request: Request,
  text: string,
  status: number,
  headers: Headers,
): Response {
  const bytes = new TextEncoder().encode(text);
  const coding = bytes.length < WORTH_BYTES ? null : codingOf(request);
  if (coding !== null) headers.set("content-encoding", coding);
  const body = coding === null ? bytes : compressed(bytes, coding);
  return new Response(request.method === "HEAD" ? null : body, { status, headers });
}

interface Coder {
  readonly stream: BrotliCompress | Gzip;
  /** What was written until now comes out. */
  flush(): Promise<void>;
}

function coderOf(coding: Exclude<Coding, null>): Coder {
  if (coding === "gzip") {
    const stream = createGzip(GZIP);
    return {
      stream,
      flush: () => new Promise((done) => stream.flush(constants.Z_SYNC_FLUSH, done)),
    };
  }
  const stream = createBrotliCompress(BROTLI);
  return {
    stream,
    flush: () => new Promise((done) => stream.flush(constants.BROTLI_OPERATION_FLUSH, done)),
  };
}

/** The same for a text that is made in parts: each is sent as soon as it is there. 200. */
export function partedResponse(
  request: Request,
  parts: AsyncIterable<string>,
  headers: Headers,
): Response {
  const coding = codingOf(request);
  if (coding !== null) headers.set("content-encoding", coding);
  const coder = coding === null ? null : coderOf(coding);
  async function fill(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    coder?.stream.on("data", (bytes: Uint8Array) => controller.enqueue(new Uint8Array(bytes)));
    for await (const part of parts) {
      if (coder === null) controller.enqueue(new TextEncoder().encode(part));
      else {
        coder.stream.write(part);
        await coder.flush();
      }
    }
    if (coder !== null) {
      coder.stream.end();
      await once(coder.stream, "end");
    }
    controller.close();
  }
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      fill(controller).catch((thrown) => controller.error(thrown));
    },
    cancel() {
      coder?.stream.destroy();
    },
  });
  return new Response(body, { headers });
}
