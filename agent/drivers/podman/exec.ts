/**
 * Commands in a container, over a raw connection: Podman upgrades it to a two-way stream, which
 * fetch cannot do. Closing the connection does not end the command, so `kill` ends its process.
 */
import { CreatedExec, InspectedExec } from "./answers.ts";
import type { ExecRequest, ExecSession } from "./driver.ts";
import { podmanError } from "./errors.ts";
import { createFrameReader, type ExecChunk } from "./exec_frames.ts";
import { belongsTo, type ProcReader } from "./proc.ts";
import { readHead, writeAll } from "./raw_stream.ts";
import { answerError, CHANGE_TIMEOUT_MS, parseAnswer, type Transport } from "./transport.ts";

const READ_BYTES = 64 * 1024;
/** How long after the end of the output Podman may need to note the exit code. */
const EXIT_NOTE_MS = 5000;
const PID_NOTE_MS = 1000;

export interface ExecDeps {
  readonly transport: Transport;
  readonly readProc: ProcReader;
  readonly kill: (pid: number) => void;
}

/** The request that starts an exec session and asks for the upgrade. Pure. */
export function renderExecStart(execId: string, request: ExecRequest): string {
  const body = JSON.stringify({
    Detach: false,
    Tty: request.tty,
    ...(request.tty && request.size !== undefined
      ? { h: request.size.rows, w: request.size.columns }
      : {}),
  });
  return [
    `POST /v4.0.0/libpod/exec/${encodeURIComponent(execId)}/start HTTP/1.1`,
    "Host: libpod",
    "Connection: Upgrade",
    "Upgrade: tcp",
    "Content-Type: application/json",
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    "",
    body,
  ].join("\r\n");
}

export function createExecCall(
  deps: ExecDeps,
): (containerId: string, request: ExecRequest, signal?: AbortSignal) => Promise<ExecSession> {
  const { transport } = deps;

  const inspect = async (execId: string, doing: string) => {
    const path = `/exec/${execId}/json`;
    const answer = await transport.call({ doing, method: "GET", path }, [404]);
    return answer.status === 404 ? null : parseAnswer(InspectedExec, answer.text, doing);
  };

  return async (containerId, request, signal) => {
    const doing = `running "${request.command.join(" ").slice(0, 200)}" in "${containerId}"`;
    const created = await transport.call({
      doing,
      method: "POST",
      path: `/containers/${encodeURIComponent(containerId)}/exec`,
      json: {
        AttachStdin: request.stdin,
        AttachStdout: true,
        AttachStderr: true,
        Tty: request.tty,
        Cmd: request.command,
        Env: request.env ?? [],
        ...(request.workingDir === undefined ? {} : { WorkingDir: request.workingDir }),
        ...(request.user === undefined ? {} : { User: request.user }),
        ...(request.privileged === true ? { Privileged: true } : {}),
      },
      timeoutMs: CHANGE_TIMEOUT_MS,
      signal,
    });
    const execId = parseAnswer(CreatedExec, created.text, doing).Id;
    const conn = await transport.connect(doing);
    let open = true;
    const close = (): void => {
      if (!open) return;
      open = false;
      conn.close();
    };

    let first: Uint8Array;
    const timer = setTimeout(close, CHANGE_TIMEOUT_MS);
    try {
      await writeAll(conn, new TextEncoder().encode(renderExecStart(execId, request)));
      const { status, head, rest } = await readHead(conn, doing);
      if (status !== 101 && status !== 200) {
        throw answerError(doing, { status, text: head.slice(head.indexOf("\r\n\r\n") + 4) });
      }
      first = rest;
    } catch (thrown) {
      const gaveUp = !open;
      close();
      if (gaveUp) throw podmanError("podman_unreachable", doing, "it does not start", thrown);
      throw thrown;
    } finally {
      clearTimeout(timer);
    }

    let killedCode: number | null = null;
    let settleEnd: () => void = () => {};
    const ended = new Promise<void>((resolve) => settleEnd = resolve);

    const kill = async (): Promise<void> => {
      const deadline = performance.now() + PID_NOTE_MS;
      let there = await inspect(execId, doing);
      // Just started: Podman notes the pid a moment later.
      while (there !== null && there.Running && there.Pid <= 1 && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        there = await inspect(execId, doing);
      }
      if (there !== null && there.Running && there.Pid > 1) {
        if (await belongsTo(deps.readProc, there.Pid, containerId, "cgroup")) deps.kill(there.Pid);
        killedCode = 137;
      }
      close();
      settleEnd();
    };
    const onAbort = (): void => void kill().catch(close);
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);
    const finish = (): void => {
      signal?.removeEventListener("abort", onAbort);
      close();
      settleEnd();
    };

    return {
      output: {
        async *[Symbol.asyncIterator]() {
          const frames = createFrameReader();
          const split = (bytes: Uint8Array): readonly ExecChunk[] =>
            request.tty ? [{ stream: "stdout", data: bytes.slice() }] : frames.push(bytes);
          const buffer = new Uint8Array(READ_BYTES);
          try {
            if (first.length > 0) yield* split(first);
            while (open) {
              let count: number | null;
              try {
                count = await conn.read(buffer);
              } catch {
                break;
              }
              if (count === null) break;
              yield* split(buffer.subarray(0, count));
            }
          } finally {
            finish();
          }
        },
      },
      async write(data) {
        if (!open) throw podmanError("not_running", doing, "the command has ended");
        await writeAll(conn, data);
      },
      async closeStdin() {
        if (open) await conn.closeWrite();
      },
      async resize(rows, columns) {
        if (!request.tty || !open) return;
        await transport.call({
          doing: `resizing the terminal of ${doing}`,
          method: "POST",
          path: `/exec/${execId}/resize`,
          query: { h: String(rows), w: String(columns) },
        }, [404, 500]);
      },
      async exitCode() {
        await ended;
        if (killedCode !== null) return killedCode;
        const deadline = performance.now() + EXIT_NOTE_MS;
        while (true) {
          const there = await inspect(execId, doing);
          if (there !== null && !there.Running) return there.ExitCode;
          if (there === null || performance.now() > deadline) {
            throw podmanError("exec_lost", doing, "its exit code is lost");
          }
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      },
      async kill() {
        await kill();
        finish();
      },
    };
  };
}
