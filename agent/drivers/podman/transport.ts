/**
 * HTTP to Podman's service over its unix socket. Every call has a time limit and reads its answer
 * to the end (or cancels it), so nothing is left open; a socket that hangs or is gone is the error
 * `podman_unreachable`.
 */
import { Buffer } from "node:buffer";
import type { z } from "zod";
import { messageOf, type SkerryError } from "../../../shared/errors.ts";
import type { RegistryLogin } from "../../../shared/model/registry.ts";
import { failureOf, podmanError } from "./errors.ts";

/**
 * The host must be named `libpod`: Deno sends the whole URL in the request line, and Podman finds
 * out by its second element whether a call is its own API or Docker's.
 */
const BASE = "http://libpod/v4.0.0/libpod";
/** No JSON answer of Podman is longer than this. */
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** Time limits of a call, in milliseconds. */
export const READ_TIMEOUT_MS = 10_000;
export const CHANGE_TIMEOUT_MS = 60_000;

export interface Call {
  /** What is being done, for people: `creating the container "web-1"`. */
  readonly doing: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** Below /v4.0.0/libpod, its parts already encoded. */
  readonly path: string;
  /** A list is sent as the name repeated. */
  readonly query?: Readonly<Record<string, string | readonly string[]>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

export interface StreamCall extends Call {
  /** A tar stream as the body. */
  readonly tar?: ReadableStream<Uint8Array>;
  /** Podman's login at the one registry that the call is about; mirrors are not given it. */
  readonly login?: RegistryLogin | null;
}

/** A body under way; `close` is to be called whatever happens. */
export interface AnswerStream {
  readonly chunks: ReadableStreamDefaultReader<Uint8Array>;
  close(): Promise<void>;
}

export interface Transport {
  /** Any status from 400 is an error, except those in `accept`. */
  call(call: Call, accept?: readonly number[]): Promise<Answer>;
  /** The answer's body as it comes. The time limit holds until the head has arrived. */
  stream(call: StreamCall): Promise<AnswerStream>;
  /** A raw connection, for commands with an input. */
  connect(doing: string): Promise<Deno.UnixConn>;
  close(): void;
}

/** The answer's JSON by its schema. */
export function parseAnswer<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  doing: string,
): z.infer<Schema> {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw podmanError("podman_answer", doing, `not JSON: "${text.slice(0, 200)}"`, cause);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue === undefined ? "" : `${issue.path.join(".")}: ${issue.message}`;
  throw podmanError("podman_answer", doing, `an answer of another shape (${where})`, parsed.error);
}

/** An error answer of Podman as the error that people get. Pure. */
export function answerError(doing: string, answer: Answer): SkerryError {
  let text = answer.text.trim();
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && "message" in body) {
      text = String(body.message);
    }
  } catch { /* then the text itself is all there is */ }
  return podmanError(failureOf(answer.status, text), doing, text.slice(0, 2000));
}

/** The login as Podman's API takes it: JSON in base64url, padded. Pure. */
export function registryAuth({ username, password }: RegistryLogin): string {
  return Buffer.from(JSON.stringify({ username, password })).toString("base64")
    .replaceAll("+", "-").replaceAll("/", "_");
}

/** Aborts after a time or with another signal; `done` frees both. */
function limit(timeoutMs: number | null, signal?: AbortSignal) {
  const controller = new AbortController();
  const state = { timedOut: false };
  const onAbort = () => controller.abort(signal?.reason);
  if (signal?.aborted) onAbort();
  signal?.addEventListener("abort", onAbort);
  let timer: ReturnType<typeof setTimeout> | undefined;
  if (timeoutMs !== null) {
    timer = setTimeout(() => {
      state.timedOut = true;
      controller.abort();
    }, timeoutMs);
  }
  return {
    signal: controller.signal,
    state,
    stopTimer: () => clearTimeout(timer),
    done() {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    },
    abort: () => controller.abort(),
  };
}

async function readText(response: Response, doing: string): Promise<string> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw podmanError("podman_answer", doing, `an answer of more than ${MAX_ANSWER_BYTES} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** A transport to the service at a socket path. `close` it when done. */
export function createTransport(options: { readonly socketPath: string }): Transport {
  const { socketPath } = options;
  const client = Deno.createHttpClient({
    proxy: { transport: "unix", path: socketPath },
    // Below Podman's own 10 s, so that no call goes out on a connection that is being closed.
    poolIdleTimeout: 5000,
  });

  const failed = (call: Call, guard: ReturnType<typeof limit>, thrown: unknown): Error => {
    if (thrown instanceof Error && thrown.name === "SkerryError") return thrown;
    if (guard.state.timedOut) {
      const detail = `no answer on "${socketPath}" within ${call.timeoutMs ?? READ_TIMEOUT_MS} ms`;
      return podmanError("podman_unreachable", call.doing, detail, thrown);
    }
    if (call.signal?.aborted) return podmanError("aborted", call.doing, "given up", thrown);
    const cause = thrown instanceof Error && thrown.cause !== undefined
      ? `: ${messageOf(thrown.cause)}`
      : "";
    const detail = `no connection to "${socketPath}" (${messageOf(thrown)}${cause})`;
    return podmanError("podman_unreachable", call.doing, detail, thrown);
  };

  const send = (call: StreamCall, signal: AbortSignal): Promise<Response> => {
    const url = new URL(`${BASE}${call.path}`);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      for (const one of typeof value === "string" ? [value] : value) {
        url.searchParams.append(name, one);
      }
    }
    const headers = new Headers();
    const init: RequestInit & { client: Deno.HttpClient } = {
      method: call.method,
      headers,
      client,
      signal,
    };
    if (call.login) headers.set("x-registry-auth", registryAuth(call.login));
    if (call.tar !== undefined) {
      init.body = call.tar;
      headers.set("content-type", "application/x-tar");
    } else if (call.json !== undefined) {
      init.body = JSON.stringify(call.json);
      headers.set("content-type", "application/json");
    }
    return fetch(url, init);
  };

  return {
    async call(call, accept = []) {
      const guard = limit(call.timeoutMs ?? READ_TIMEOUT_MS, call.signal);
      try {
        const response = await send(call, guard.signal);
        const answer = { status: response.status, text: await readText(response, call.doing) };
        if (answer.status >= 400 && !accept.includes(answer.status)) {
          throw answerError(call.doing, answer);
        }
        return answer;
      } catch (thrown) {
        throw failed(call, guard, thrown);
      } finally {
        guard.done();
      }
    },
    async stream(call) {
      const guard = limit(call.timeoutMs ?? null, call.signal);
      try {
        const response = await send(call, guard.signal);
        if (response.status >= 400 || response.body === null) {
          const answer = { status: response.status, text: await readText(response, call.doing) };
          throw answerError(call.doing, answer);
        }
        guard.stopTimer();
        const chunks = response.body.getReader();
        return {
          chunks,
          async close() {
            guard.done();
            await chunks.cancel().catch(() => {});
            guard.abort();
          },
        };
      } catch (thrown) {
        const error = failed(call, guard, thrown);
        guard.done();
        throw error;
      }
    },
    async connect(doing) {
      try {
        return await Deno.connect({ transport: "unix", path: socketPath });
      } catch (thrown) {
        throw podmanError(
          "podman_unreachable",
          doing,
          `no connection to "${socketPath}" (${messageOf(thrown)})`,
          thrown,
        );
      }
    },
    close: () => client.close(),
  };
}
