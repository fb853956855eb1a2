import assert from "node:assert/strict";
import { z } from "zod";
import { createTransport, parseAnswer, type Transport } from "./transport.ts";

/** A server on a unix socket that answers with a function; null: it accepts and says nothing. */
async function withServer(
  handler: ((request: Request) => Response | Promise<Response>) | null,
  work: (transport: Transport) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-socket-" });
  const path = `${folder}/podman.sock`;
  const transport = createTransport({ socketPath: path });
  try {
    if (handler === null) {
      using listener = Deno.listen({ transport: "unix", path });
      const accepted: Deno.Conn[] = [];
      const accepting = (async () => {
        for await (const conn of listener) accepted.push(conn);
      })();
      await work(transport);
      listener.close();
      await accepting;
      for (const conn of accepted) conn.close();
    } else {
      const server = Deno.serve({ path, onListen: () => {} }, handler);
      await work(transport);
      transport.close();
      await server.shutdown();
      return;
    }
    transport.close();
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const call = { doing: "testing", method: "GET", path: "/x" } as const;

Deno.test("a socket that hangs is podman_unreachable within the time limit", () =>
  withServer(null, async (transport) => {
    await assert.rejects(transport.call({ ...call, timeoutMs: 50 }), {
      code: "podman_unreachable",
      message: /within 50 ms/,
    });
    await assert.rejects(transport.stream({ ...call, timeoutMs: 50 }), {
      code: "podman_unreachable",
    });
    const stop = new AbortController();
    const aborted = transport.call({ ...call, signal: stop.signal });
    stop.abort();
    await assert.rejects(aborted, { code: "aborted" });
  }));

Deno.test("an answer that stops in its middle is podman_unreachable", () => {
  const stuck = () =>
    new Response(
      new ReadableStream({ start: (c) => c.enqueue(new TextEncoder().encode("[")) }),
    );
  return withServer(stuck, async (transport) => {
    await assert.rejects(transport.call({ ...call, timeoutMs: 100 }), {
      code: "podman_unreachable",
    });
  });
});

Deno.test("no socket is podman_unreachable, also for raw connections", async () => {
  const transport = createTransport({ socketPath: "/nonexistent/podman.sock" });
  await assert.rejects(transport.call(call), { code: "podman_unreachable" });
  await assert.rejects(transport.connect("testing"), { code: "podman_unreachable" });
  transport.close();
});

Deno.test("calls name the host libpod, carry query and JSON, and accept what they expect", () =>
  withServer(async (request) => {
    const url = new URL(request.url);
    if (url.pathname.endsWith("/gone")) return new Response("{}", { status: 404 });
    return Response.json({
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      body: request.body === null ? null : await request.json(),
    });
  }, async (transport) => {
    const answer = await transport.call({
      ...call,
      method: "POST",
      query: { filters: '{"a":["b"]}' },
      json: { x: 1 },
    });
    assert.deepEqual(JSON.parse(answer.text), {
      path: "/v4.0.0/libpod/x",
      query: { filters: '{"a":["b"]}' },
      body: { x: 1 },
    });
    assert.equal((await transport.call({ ...call, path: "/gone" }, [404])).status, 404);
    await assert.rejects(transport.call({ ...call, path: "/gone" }), { code: "container_unknown" });
  }));

Deno.test("an answer of another shape names the field", () => {
  const schema = z.looseObject({ Id: z.string() });
  assert.throws(() => parseAnswer(schema, '{"Id":1}', "testing"), {
    code: "podman_answer",
    message: /Id/,
  });
  assert.throws(() => parseAnswer(schema, "<html>", "testing"), { code: "podman_answer" });
});
