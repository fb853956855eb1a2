import assert from "node:assert/strict";
import {
  decodeExecFrame,
  encodeExecFrame,
  ExecClientControl,
  ExecOpen,
} from "../shared/api/exec.ts";
import { SkerryError } from "../shared/errors.ts";
import { homeLayout } from "../shared/home.ts";
import { connect } from "./connection.ts";
import { runExec } from "./exec_session.ts";
import { createFakeHost, type FakeHostOptions } from "./fake_host.ts";

/** A control plane's exec: echoes stdin in upper case, then ends with code 7. */
function echoing(request: Request, opened: (open: ExecOpen) => void): Response {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.binaryType = "arraybuffer";
  let started = false;
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (data instanceof ArrayBuffer) {
      const frame = decodeExecFrame(new Uint8Array(data));
      if (frame === null) return;
      const text = new TextDecoder().decode(frame.data).toUpperCase();
      socket.send(encodeExecFrame("stdout", new TextEncoder().encode(text)));
      return;
    }
    const message: unknown = JSON.parse(String(data));
    if (!started) {
      started = true;
      opened(ExecOpen.parse(message));
      socket.send(encodeExecFrame("stderr", new TextEncoder().encode("begins\n")));
      return;
    }
    if (ExecClientControl.parse(message).type === "eof") {
      socket.send(JSON.stringify({ type: "exit", code: 7 }));
      socket.close();
    }
  };
  return response;
}

async function served(
  handler: (request: Request) => Response,
  act: (home: string) => Promise<void>,
): Promise<void> {
  const home = await Deno.makeTempDir();
  const layout = homeLayout(home);
  await Deno.mkdir(layout.runDir);
  const server = Deno.serve({ path: layout.controlSocket, onListen() {} }, handler);
  try {
    await act(home);
  } finally {
    await server.shutdown();
    await Deno.remove(layout.runDir, { recursive: true });
    await Deno.remove(home, { recursive: true });
  }
}

const START: ExecOpen = { type: "start", command: ["cat"], tty: false, stdin: true };

async function exec(home: string, options: FakeHostOptions, open = START) {
  const host = createFakeHost(options);
  using connection = connect(homeLayout(home));
  const socket = connection.webSocket("/api/v1/projects/p/services/s/exec");
  const code = await runExec(socket, open, host, connection.unreachable);
  return { code, out: host.printed(), err: host.said() };
}

Deno.test("exec over the socket: input, both outputs and the exit code", async () => {
  const opens: ExecOpen[] = [];
  await served((request) => echoing(request, (open) => opens.push(open)), async (home) => {
    const done = await exec(home, { input: ["abc", "d".repeat(200_000)] });
    assert.equal(done.code, 7);
    assert.equal(done.out, "ABC" + "D".repeat(200_000));
    assert.equal(done.err, "begins\n");
    assert.deepEqual(opens, [START]);
  });
});

Deno.test("exec: what the server says against it, and a connection that breaks", async () => {
  const problem = {
    type: "about:blank",
    title: "no",
    status: 404,
    detail: 'no container of "s" runs',
    code: "not_running",
    remedy: "look",
  };
  const answering = (text: string | null) => (request: Request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = () => {
      if (text !== null) socket.send(text);
      socket.close();
    };
    return response;
  };
  const coded = (code: string) => (thrown: unknown) =>
    thrown instanceof SkerryError && thrown.code === code;
  await served(answering(JSON.stringify({ type: "error", problem })), async (home) => {
    await assert.rejects(exec(home, {}), coded("not_running"));
  });
  await served(answering(null), async (home) => {
    await assert.rejects(exec(home, {}), coded("connection_lost"));
  });
  await served(answering("?"), async (home) => {
    await assert.rejects(exec(home, {}), coded("unexpected_answer"));
  });
});

Deno.test("a socket that is not there is told with its path and the way out", async () => {
  const home = await Deno.makeTempDir();
  const named = (thrown: unknown) =>
    thrown instanceof SkerryError && thrown.code === "control_unreachable" &&
    thrown.message.includes(homeLayout(home).controlSocket) &&
    thrown.remedy?.includes(`SKERRY_HOME=${home} skerry up`) === true;
  try {
    using connection = connect(homeLayout(home));
    await assert.rejects(connection.api.version(), named);
    await assert.rejects(exec(home, {}), named);
  } finally {
    await Deno.remove(home);
  }
});

Deno.test("answers come over the socket", async () => {
  await served(() => Response.json({ version: "1.2.3", api: "v1" }), async (home) => {
    using connection = connect(homeLayout(home));
    assert.equal((await connection.api.version()).version, "1.2.3");
  });
});
