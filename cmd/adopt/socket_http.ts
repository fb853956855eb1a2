/** HTTP to a container engine over its unix socket. */
import type { z } from "zod";
import { messageOf, SkerryError } from "../../shared/errors.ts";

export interface EngineCall {
  /** What is being done, for people: `stopping the container "web-1"`. */
  readonly doing: string;
  readonly method: "GET" | "POST" | "DELETE";
  /** With its query; the parts already encoded. */
  readonly path: string;
  readonly json?: unknown;
  /** A tar stream as the body. */
  readonly tar?: ReadableStream<Uint8Array>;
  /** Statuses from 400 that are an answer, not an error. */
  readonly accept?: readonly number[];
}

export interface EngineAnswer {
  readonly status: number;
  readonly text: string;
}

export interface SocketHttp extends Disposable {
  call(call: EngineCall): Promise<EngineAnswer>;
  /** The answer's body as it comes. */
  stream(call: EngineCall): Promise<ReadableStream<Uint8Array>>;
}

/** The answer's JSON by its schema. */
export function answerOf<Schema extends z.ZodType>(
  schema: Schema,
  { text }: EngineAnswer,
  doing: string,
): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new SkerryError(
      "engine_answer",
      `${doing}: the engine answered in another shape: ${messageOf(cause).slice(0, 500)}`,
      "see that the socket is Docker's or Podman's own",
      { cause },
    );
  }
}

function problemText(text: string): string {
  const message = /"(?:message|cause)"\s*:\s*("(?:[^"\\]|\\.)*")/.exec(text)?.[1];
  return message === undefined ? text.slice(0, 500).trim() : String(JSON.parse(message));
}

/**
 * Calls wait as long as the engine takes: stopping and loading have no limit that would be right.
 * @param base such as `http://docker`; Podman tells its own API from Docker's by the host's name
 */
export function createSocketHttp(
  socket: string,
  base: string,
  signal: AbortSignal,
): SocketHttp {
  const client = Deno.createHttpClient({ proxy: { transport: "unix", path: socket } });
  const send = async (call: EngineCall): Promise<Response> => {
    const headers: Record<string, string> = {};
    if (call.json !== undefined) headers["content-type"] = "application/json";
    if (call.tar !== undefined) headers["content-type"] = "application/x-tar";
    const body = call.tar ?? (call.json === undefined ? null : JSON.stringify(call.json));
    const response = await fetch(`${base}${call.path}`, {
      client,
      method: call.method,
      headers,
      signal,
      ...(body === null ? {} : { body }),
    }).catch((cause: unknown) => {
      if (signal.aborted) throw cause;
      throw new SkerryError(
        "engine_unreachable",
        `${call.doing}: nothing answers on "${socket}" (${messageOf(cause)})`,
        "see that the engine runs, and that you are root",
        { cause },
      );
    });
    if (response.status < 400 || call.accept?.includes(response.status) === true) return response;
    const text = await response.text();
    throw new SkerryError("engine_refused", `${call.doing}: ${problemText(text)}`);
  };
  return {
    async call(call) {
      const response = await send(call);
      return { status: response.status, text: await response.text() };
    },
    async stream(call) {
      const { body } = await send(call);
      if (body !== null) return body;
      throw new SkerryError("engine_answer", `${call.doing}: the engine answered with nothing`);
    },
    [Symbol.dispose]: () => client.close(),
  };
}
