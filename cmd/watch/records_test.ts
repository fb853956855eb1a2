import assert from "node:assert/strict";
import fc from "fast-check";
import type { Transport } from "../../shared/api/client.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { NodeEvent } from "../../shared/model/event.ts";
import { createFakeHost, idleDaemons, NOW } from "../fake_host.ts";
import { runProgram } from "../program.ts";

const event = (at: number, message: string): NodeEvent => ({
  at,
  kind: "started",
  subject: null,
  message,
});

/** A stream of what is kept and comes, as the control plane gives it; it breaks after `upTo`. */
interface Broken {
  readonly kept: readonly NodeEvent[];
  /** How the connection ends: in order, within a body, or it is never made. */
  readonly end: "closed" | "broken" | "refused";
}

function scripted(connections: readonly Broken[], stop: AbortController) {
  const asked: URLSearchParams[] = [];
  let at = 0;
  const transport: Transport = (request) => {
    const query = new URL(request.url).searchParams;
    asked.push(query);
    const next = connections[at++];
    if (next === undefined) stop.abort();
    if (next === undefined || next.end === "refused") {
      return Promise.reject(new SkerryError("control_unreachable", "nobody is there", "up"));
    }
    const since = query.get("since");
    const tail = query.get("tail");
    const meant = next.kept.filter((each) => since === null || each.at >= Date.parse(since));
    const lines = meant.slice(tail === null ? 0 : -Number(tail))
      .map((each) => new TextEncoder().encode(`${JSON.stringify(each)}\n`));
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        const line = lines.shift();
        if (line !== undefined) controller.enqueue(line);
        else if (next.end === "closed") controller.close();
        else controller.error(new TypeError("error reading a body from connection"));
      },
    });
    return Promise.resolve(new Response(body));
  };
  return { transport, asked };
}

async function follow(args: readonly string[], connections: readonly Broken[]) {
  const stop = new AbortController();
  const { transport, asked } = scripted(connections, stop);
  const host = createFakeHost({ transport, signal: stop.signal });
  const code = await runProgram(["events", "-f", "-o", "json", ...args], host, idleDaemons);
  const lines = host.printed().trim().split("\n").filter((line) => line !== "");
  const messages = lines.map((line): unknown => JSON.parse(line).message);
  return { code, messages, asked, err: host.said() };
}

Deno.test("whatever breaks a followed stream, each event is told once and none is left out", async () => {
  const history = fc.array(fc.nat({ max: 3_000 }), { maxLength: 12 });
  const ends = fc.array(
    fc.record({ end: fc.constantFrom("closed" as const, "broken" as const), upTo: fc.nat(12) }),
    { minLength: 1, maxLength: 5 },
  );
  await fc.assert(
    fc.asyncProperty(history, ends, async (steps, connections) => {
      let at = NOW - 3_600_000;
      // Some at the same millisecond, and some with the same words.
      const all = steps.map((step, index) => event(at += step >> 1, `${index >> 1}`));
      let reached = 0;
      const script = connections.map(({ end, upTo }): Broken => {
        reached = Math.max(reached, Math.min(upTo, all.length));
        return { kept: all.slice(0, reached), end };
      });
      const { code, messages } = await follow([], script);
      assert.equal(code, 0);
      assert.deepEqual(messages, all.slice(0, reached).map(({ message }) => message));
    }),
  );
});

Deno.test("after a break only what is new is asked for, also with --tail", async () => {
  const old = [event(NOW - 9_000, "a"), event(NOW - 8_500, "b"), event(NOW - 8_000, "c")];
  const more = [...old, event(NOW - 7_000, "d")];
  const { messages, asked } = await follow(["-n", "1"], [
    { kept: old, end: "broken" },
    { kept: more, end: "closed" },
  ]);
  assert.deepEqual(messages, ["c", "d"]);
  assert.equal(asked[1]?.get("since"), new Date(NOW - 8_000).toISOString());
});

Deno.test("a clock that was set back leaves out nothing that comes", async () => {
  const before = [event(NOW + 86_400_000, "before")];
  const { messages } = await follow([], [
    { kept: before, end: "broken" },
    { kept: [...before, event(NOW + 1_000, "after")], end: "broken" },
  ]);
  assert.deepEqual(messages, ["before", "after"]);
});

Deno.test("the wait is told once, its end too, also where nothing new is told", async () => {
  const kept = [event(NOW, "a")];
  const { err } = await follow([], [
    { kept, end: "broken" },
    { kept, end: "refused" },
    { kept, end: "refused" },
    { kept, end: "closed" },
  ]);
  const once = /^skerry does not answer; waiting for it [^\n]*\nskerry answers again\n/;
  assert.match(err, once);
});

Deno.test("a stream that cannot be had at all is an error", async () => {
  const { code, err } = await follow([], [{ kept: [], end: "refused" }]);
  assert.equal(code, 1);
  assert.match(err, /nobody is there/);
});

Deno.test("where nobody reads on it ends", async () => {
  const closed = new AbortController();
  const { transport } = scripted([{ kept: [event(NOW, "a")], end: "closed" }], closed);
  const host = createFakeHost({ transport, closed: closed.signal });
  assert.equal(await runProgram(["events", "-f"], host, idleDaemons), 0);
});
