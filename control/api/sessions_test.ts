import assert from "node:assert/strict";
import { createApiClient } from "../../shared/api/client.ts";
import {
  decodeExecFrame,
  encodeExecFrame,
  type ExecOpen,
  ExecServerControl,
} from "../../shared/api/exec.ts";
import { DeploymentId } from "../../shared/model/ids.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

async function running(): Promise<Harness> {
  const h = await createHarness();
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  await h.agent.settle();
  return h;
}

interface Talk {
  readonly stdout: string;
  readonly stderr: string;
  readonly last: ExecServerControl | null;
}

/** One exec session over a real unix socket. */
async function talk(
  h: Harness,
  messages: readonly (string | Uint8Array<ArrayBuffer>)[],
  sessionPath = h.api.execPath("shop", "web"),
) {
  const path = `${h.folder}/control.sock`;
  const server = Deno.serve(
    { path, onListen: () => undefined },
    (request) => h.app.fetch(request, { kind: "root", via: "socket" }),
  );
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path } });
  const text = { stdout: "", stderr: "" };
  let last: ExecServerControl | null = null;
  const socket = new WebSocket(`ws://localhost${sessionPath}`, { client });
  socket.binaryType = "arraybuffer";
  const closed = new Promise<void>((resolve) => {
    socket.addEventListener("close", () => resolve());
  });
  socket.addEventListener("open", () => {
    for (const message of messages) socket.send(message);
  });
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") {
      last = ExecServerControl.parse(JSON.parse(data));
      return;
    }
    const frame = decodeExecFrame(new Uint8Array(data));
    if (frame !== null && frame.channel !== "stdin") {
      text[frame.channel] += new TextDecoder().decode(frame.data);
    }
  });
  await closed;
  await server.shutdown();
  const result: Talk = { ...text, last };
  return result;
}

const start: ExecOpen = { type: "start", command: ["psql", "-c"], tty: false, stdin: true };

Deno.test("exec: input goes in, both outputs and the exit code come out", async () => {
  await using h = await running();
  const result = await talk(h, [
    JSON.stringify(start),
    encodeExecFrame("stdin", new TextEncoder().encode("select 1;")),
    JSON.stringify({ type: "eof" }),
  ]);
  assert.deepEqual(result, {
    stdout: "psql -c\n",
    stderr: "select 1;",
    last: { type: "exit", code: 3 },
  });
  const [change] = await h.api.changes({ project: "shop", limit: 1 });
  assert.equal(change?.summary, 'web ran "psql"');
});

Deno.test("exec: what is not understood, or has no container, is told", async () => {
  await using h = await running();
  for (
    const [message, code] of [
      ["{", "bad_request"],
      [JSON.stringify({ type: "start" }), "bad_request"],
      [JSON.stringify({ ...start, slot: 7 }), "not_running"],
    ] as const
  ) {
    const { last } = await talk(h, [message]);
    assert.equal(last?.type === "error" && last.problem.code, code);
  }
});

Deno.test("run: a container of the service's own, with its streams; also of one that does not run", async () => {
  await using h = await running();
  const { command: _, ...own } = { ...start, noDeps: false };
  const run = (open: object, service = "web") =>
    talk(
      h,
      [JSON.stringify(open), JSON.stringify({ type: "eof" })],
      h.api.runPath("shop", service),
    );
  const ended = { type: "exit", code: 3 };
  assert.deepEqual(await run(own), { stdout: "its own\n", stderr: "", last: ended });
  assert.equal((await run({ ...own, command: ["psql"] })).stdout, "psql\n");
  const summaries = (await h.api.changes({ project: "shop", limit: 2 })).map((each) =>
    each.summary
  );
  assert.deepEqual(
    summaries.toSorted(),
    [
      "web ran once more",
      'web ran "psql" in a container of its own',
    ].toSorted(),
  );
  for (
    const [open, service, code] of [
      [own, "nope", "not_found"],
      [{ ...own, noDeps: undefined }, "web", "bad_request"],
      [{ ...own, slot: 1 }, "web", "bad_request"],
    ] as const
  ) {
    const { last } = await run(open, service);
    assert.equal(last?.type === "error" && last.problem.code, code);
  }
});

Deno.test("logs come as they were written; a service that is not there is named", async () => {
  await using h = await running();
  const line = {
    deployment: DeploymentId.parse("dep_aaaaaaaaaaaaaaaaaaaaaaaaaa"),
    service: "web",
    slot: 1,
    stream: "stdout" as const,
    time: "2026-01-01T00:00:00Z",
    text: "ready",
    partial: false,
  };
  h.link.lines.push(line, { ...line, text: "served" });
  const texts: string[] = [];
  for await (const each of h.api.logs("shop", { tail: 10 })) texts.push(each.text);
  assert.deepEqual(texts, ["ready", "served"]);
  await assert.rejects(async () => {
    for await (const each of h.api.logs("shop", { service: "nope" })) texts.push(each.text);
  }, { code: "not_found" });
});

Deno.test("events come in order, of one service or of all; what cannot be a moment is refused", async () => {
  await using h = await running();
  const subject = { project: "shop", service: "web", slot: 1, deployment: null };
  h.link.happened.push(
    { at: 1, kind: "intent_received", subject: null, message: "revision 1" },
    { at: 2, kind: "started", subject, message: "it runs" },
    { at: 3, kind: "exited", subject, message: "it exited with code 1" },
  );
  const kinds = async (query: Parameters<typeof h.api.events>[0]) => {
    const found: string[] = [];
    for await (const { kind } of h.api.events(query)) found.push(kind);
    return found;
  };
  assert.deepEqual(await kinds({}), ["intent_received", "started", "exited"]);
  assert.deepEqual(await kinds({ project: "shop", service: "web" }), ["started", "exited"]);
  assert.deepEqual(await kinds({ project: "other" }), []);
  await assert.rejects(kinds({ since: "yesterday" }), { code: "bad_request" });
});

Deno.test("a build streams its progress and ends with the image, which a release then runs", async () => {
  await using h = await running();
  const tar = new Uint8Array(2048);
  const events = [];
  for await (const event of h.api.build("shop", "web", {}, tar)) events.push(event);
  assert.deepEqual(events[0], { type: "progress", line: "STEP 1: 2048 bytes" });
  const done = events[1];
  assert.ok(done?.type === "done");
  const model = testModel("shop", { web: testService() });
  await h.api.createRelease("shop", {
    parts: {
      compose: { model, files: {}, builds: { web: done.image }, sourceFolder: "/srv/shop" },
    },
  });
  await h.agent.settle();
  assert.deepEqual(h.agent.deployments().map((each) => each.image.id), [done.image.imageId]);
});

Deno.test("bodies that are too large, or no JSON, are refused", async () => {
  await using h = await running();
  const root = { kind: "root", via: "socket" } as const;
  const put = (path: string, body: string, type: string) =>
    h.app.fetch(
      new Request(`http://x${path}`, {
        method: path.includes("secrets") ? "PUT" : "POST",
        headers: { "content-type": type },
        body,
      }),
      root,
    );
  const large = await put("/api/v1/secrets/key", "x".repeat(600_000), "text/plain");
  assert.equal(large.status, 413);
  const broken = await put("/api/v1/projects/shop/plan", "{", "application/json");
  assert.equal(broken.status, 400);
  const other = await put("/api/v1/projects/shop/plan", "{}", "text/plain");
  assert.equal(other.status, 400);
  assert.equal(other.headers.get("content-type"), "application/problem+json");
  for (const each of [large, broken, other]) await each.body?.cancel();
  const client = createApiClient(async () => new Response("<html>", { status: 502 }));
  await assert.rejects(client.version(), { code: "unexpected_answer" });
});
