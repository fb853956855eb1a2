/** The client's side of `exec`: a WebSocket between a container's command and this terminal. */
import {
  decodeExecFrame,
  encodeExecFrame,
  EXEC_FRAME_BYTES,
  type ExecClientControl,
  type ExecOpen,
  ExecServerControl,
  type RunOpen,
} from "../shared/api/exec.ts";
import { ApiError } from "../shared/api/problem.ts";
import { SkerryError } from "../shared/errors.ts";
import type { Host } from "./cli.ts";

/** Input that waits to be sent before reading stops for a while. */
const MAX_UNSENT = 1 << 20;

/**
 * Runs a command to its end and gives its exit code. With a tty the terminal is in raw mode
 * meanwhile. Rejects with what the server said, or where the connection breaks.
 * @param noAnswer what to throw where the connection was never opened
 */
export async function runExec(
  socket: WebSocket,
  open: ExecOpen | RunOpen,
  host: Host,
  noAnswer: (cause: unknown) => SkerryError,
): Promise<number> {
  socket.binaryType = "arraybuffer";
  const ended = new AbortController();
  const send = (control: ExecClientControl) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(control));
  };
  const stopResize = open.tty
    ? host.onResize(() => send({ type: "resize", ...host.terminal.size() }))
    : () => undefined;
  const interrupt = () => socket.close();
  const interrupted = AbortSignal.any([host.signal, host.terminal.closed]);
  interrupted.addEventListener("abort", interrupt, { once: true });
  if (open.tty) host.input.setRaw(true);
  try {
    return await new Promise<number>((resolve, reject) => {
      let opened = false;
      socket.onopen = () => {
        opened = true;
        socket.send(JSON.stringify(open));
        if (open.stdin) pump(socket, host, send, ended.signal).catch(reject);
      };
      socket.onmessage = ({ data }: MessageEvent<unknown>) => {
        if (data instanceof ArrayBuffer) {
          const frame = decodeExecFrame(new Uint8Array(data));
          if (frame !== null && frame.channel !== "stdin") {
            host.terminal.write(frame.channel, frame.data);
          }
          return;
        }
        try {
          const control = ExecServerControl.parse(JSON.parse(String(data)));
          if (control.type === "exit") resolve(control.code);
          else if (control.type === "error") {
            reject(new ApiError(control.problem.status, control.problem));
          }
        } catch (cause) {
          reject(
            new SkerryError(
              "unexpected_answer",
              "the answer is not understood",
              "use a program of the same version",
              { cause },
            ),
          );
        }
      };
      socket.onerror = (event) => {
        event.preventDefault();
        if (!opened) reject(noAnswer(event));
      };
      socket.onclose = () => {
        if (interrupted.aborted) resolve(host.signal.aborted ? 130 : 141);
        reject(
          new SkerryError(
            "connection_lost",
            "the connection ended before the command did",
            "the command may still run in the container; see `skerry logs` and `skerry doctor`",
          ),
        );
      };
    });
  } finally {
    ended.abort();
    stopResize();
    interrupted.removeEventListener("abort", interrupt);
    if (open.tty) host.input.setRaw(false);
    if (socket.readyState <= WebSocket.OPEN) socket.close();
  }
}

async function pump(
  socket: WebSocket,
  host: Host,
  send: (control: ExecClientControl) => void,
  ended: AbortSignal,
): Promise<void> {
  for await (const chunk of host.input.chunks()) {
    for (let at = 0; at < chunk.length; at += EXEC_FRAME_BYTES) {
      while (socket.bufferedAmount > MAX_UNSENT && !ended.aborted) {
        await host.clock.sleep(5, ended);
      }
      if (ended.aborted || socket.readyState !== WebSocket.OPEN) return;
      socket.send(encodeExecFrame("stdin", chunk.subarray(at, at + EXEC_FRAME_BYTES)));
    }
    if (ended.aborted) return;
  }
  send({ type: "eof" });
}
