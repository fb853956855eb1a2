/** Commands in a fake container: echo, true, false, cat, sleep and `sh -c "exit N"`. */
import type { ExecRequest, ExecSession } from "./driver.ts";

export interface FakeExecResult {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/** Answers a command; null: the fake's own few commands. */
export type FakeExecHandler = (container: string, request: ExecRequest) => FakeExecResult | null;

type Chunk = { readonly stream: "stdout" | "stderr"; readonly data: Uint8Array };

/** `null` from the handler and an unknown word: exit code 127, as Podman has it. */
export function fakeExec(request: ExecRequest, scripted: FakeExecResult | null): ExecSession {
  const queue: Chunk[] = [];
  let wake: () => void = () => {};
  let ended: number | null = null;
  let settle: (code: number) => void = () => {};
  const exit = new Promise<number>((resolve) => settle = resolve);

  const push = (stream: "stdout" | "stderr", data: Uint8Array): void => {
    queue.push({ stream: request.tty ? "stdout" : stream, data });
    wake();
  };
  const end = (code: number): void => {
    if (ended !== null) return;
    ended = code;
    settle(code);
    wake();
  };
  const text = (stream: "stdout" | "stderr", words: string): void =>
    push(stream, new TextEncoder().encode(words));

  const word = request.command[0]?.split("/").at(-1) ?? "";
  const scriptExit = /^exit (\d+)$/.exec(request.command.at(-1) ?? "");
  if (scripted !== null) {
    if (scripted.stdout !== undefined) text("stdout", scripted.stdout);
    if (scripted.stderr !== undefined) text("stderr", scripted.stderr);
    end(scripted.exitCode);
  } else if (word === "echo") {
    text("stdout", request.command.slice(1).join(" ") + (request.tty ? "\r\n" : "\n"));
    end(0);
  } else if (word === "true") end(0);
  else if (word === "false") end(1);
  else if (scriptExit !== null) end(Number(scriptExit[1]));
  else if (word !== "cat" && word !== "sleep" && word !== "sh") {
    text("stderr", `executable file "${word}" not found in $PATH`);
    end(127);
  }

  return {
    output: {
      async *[Symbol.asyncIterator]() {
        while (true) {
          const chunk = queue.shift();
          if (chunk !== undefined) yield chunk;
          else if (ended !== null) return;
          else await new Promise<void>((resolve) => wake = resolve);
        }
      },
    },
    write: (data) => {
      if (ended === null && word === "cat") push("stdout", data.slice());
      return Promise.resolve();
    },
    closeStdin: () => {
      if (word === "cat" || word === "sh") end(0);
      return Promise.resolve();
    },
    resize: () => Promise.resolve(),
    exitCode: () => exit,
    kill: () => {
      end(137);
      return Promise.resolve();
    },
  };
}
