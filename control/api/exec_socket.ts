/** One exec session over one WebSocket; the framing is in shared/api/exec.ts. */
import { z } from "zod";
import {
  decodeExecFrame,
  encodeExecFrame,
  EXEC_FRAME_BYTES,
  ExecClientControl,
  type ExecServerControl,
} from "../../shared/api/exec.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { LinkExec } from "../../shared/model/link.ts";
import { parseJson } from "../../shared/parse_json.ts";
import { problemOf } from "./route.ts";

/** So much may wait to be sent before reading from the command pauses. */
const MAX_BUFFERED = 1 << 20;
/** So much input may wait for the command to take it. */
const MAX_INPUT = 4 << 20;

const PONG: ExecServerControl = { type: "pong" };

/** Starts the command that the first message, which is of this schema, asks for. */
export type StartExec<S extends z.ZodType> = (
  open: z.infer<S>,
  signal: AbortSignal,
) => Promise<LinkExec>;

function parseMessage<S extends z.ZodType>(schema: S, text: string): z.infer<S> {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (cause) {
    throw new SkerryError(
      "bad_request",
      `a message of the exec session is no JSON: ${messageOf(cause)}`,
    );
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SkerryError(
    "bad_request",
    `a message of the exec session is not as it should be: ${z.prettifyError(parsed.error)}`,
  );
}

async function drained(socket: WebSocket): Promise<void> {
  while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > MAX_BUFFERED) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

async function sendOutput(socket: WebSocket, exec: LinkExec): Promise<void> {
  for await (const { stream, data } of exec.output) {
    for (let at = 0; at < data.length; at += EXEC_FRAME_BYTES) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(encodeExecFrame(stream, data.subarray(at, at + EXEC_FRAME_BYTES)));
      await drained(socket);
    }
  }
}

/** Serves the session until the command ends or the socket closes; then the command is killed. */
export function serveExec<S extends z.ZodType>(
  socket: WebSocket,
  opening: S,
  start: StartExec<S>,
  closing: AbortSignal,
): void {
  socket.binaryType = "arraybuffer";
  const abort = new AbortController();
  let session: Promise<LinkExec> | null = null;
  let finished = false;
  let waiting = 0;
  // Input goes in one piece after another, in the order that it came.
  let queue: Promise<void> = Promise.resolve();

  const finish = (control: ExecServerControl) => {
    if (finished) return;
    finished = true;
    closing.removeEventListener("abort", stop);
    if (socket.readyState === WebSocket.OPEN) {
      socket.send(JSON.stringify(control));
      socket.close(1000);
    }
  };
  const fail = (thrown: unknown) => {
    finish({ type: "error", problem: problemOf(thrown) });
    stop();
  };
  const stop = () => {
    closing.removeEventListener("abort", stop);
    abort.abort();
    session?.then((exec) => exec.kill()).catch(() => undefined);
    if (socket.readyState === WebSocket.OPEN) socket.close(1001);
  };
  closing.addEventListener("abort", stop);

  const run = async (exec: LinkExec) => {
    await sendOutput(socket, exec);
    finish({ type: "exit", code: await exec.exitCode() });
  };
  const control = async (exec: LinkExec, message: Exclude<ExecClientControl, { type: "ping" }>) => {
    switch (message.type) {
      case "resize":
        return await exec.resize(message.rows, message.columns);
      case "eof":
        return await exec.closeStdin();
    }
  };
  const take = (data: unknown): Promise<void> | void => {
    if (session === null) {
      if (typeof data !== "string") {
        throw new SkerryError("bad_request", "the first message of an exec session is its start");
      }
      session = start(parseMessage(opening, data), abort.signal);
      session.then(run).catch(fail);
      return;
    }
    const running = session;
    if (typeof data === "string") {
      const message = parseMessage(ExecClientControl, data);
      if (message.type === "ping") return socket.send(JSON.stringify(PONG));
      queue = queue.then(async () => await control(await running, message));
    } else if (data instanceof ArrayBuffer) {
      const frame = decodeExecFrame(new Uint8Array(data));
      if (frame?.channel !== "stdin") {
        throw new SkerryError("bad_request", "a frame of the exec session is not for stdin");
      }
      waiting += frame.data.length;
      if (waiting > MAX_INPUT) {
        throw new SkerryError("too_large", "the command does not take its input");
      }
      queue = queue.then(async () => {
        await (await running).write(frame.data);
        waiting -= frame.data.length;
      });
    }
    queue.catch((thrown) => {
      // The command's own end is told by its exit code.
      if (thrown instanceof SkerryError && thrown.code === "bad_request") fail(thrown);
    });
  };
  socket.addEventListener("message", (event) => {
    try {
      take(event.data);
    } catch (thrown) {
      fail(thrown);
    }
  });
  socket.addEventListener("close", stop);
  socket.addEventListener("error", stop);
}
