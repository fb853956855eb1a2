import assert from "node:assert/strict";
import fc from "fast-check";
import type { Transport } from "../../shared/api/client.ts";
import { SkerryError } from "../../shared/errors.ts";
import { idText } from "../fake_control.ts";
import { createFakeHost, idleDaemons } from "../fake_host.ts";
import { runProgram } from "../program.ts";
import { changesBetween } from "./changes.ts";

const volume = (name: string, present: boolean) => ({
  id: idText("vol", name),
  project: "shop",
  name,
  engineName: `skerry-shop-${name}`,
  node: "box",
  state: "ready",
  present,
  createdAt: 0,
  services: [],
});

/** Answers one after the other, each with an ETag of its own; then Ctrl-C. `null`: nobody is there. */
function scripted(answers: readonly (unknown[] | null)[], stop: AbortController) {
  const asked: { etag: string | null; wait: string | null }[] = [];
  let at = 0;
  const transport: Transport = (request) => {
    const etag = request.headers.get("if-none-match");
    asked.push({ etag, wait: new URL(request.url).searchParams.get("wait") });
    const items = answers[at++];
    if (items === undefined) {
      stop.abort();
      return Promise.reject(stop.signal.reason);
    }
    if (items === null) {
      return Promise.reject(new SkerryError("control_unreachable", "nobody is there", "up"));
    }
    return Promise.resolve(Response.json({ items }, { headers: { etag: `"${at}"` } }));
  };
  return { transport, asked };
}

async function watch(
  args: string[],
  answers: readonly (unknown[] | null)[],
  more: { terminal?: boolean } = {},
) {
  const stop = new AbortController();
  const { transport, asked } = scripted(answers, stop);
  const env = { NO_COLOR: "1" };
  const host = createFakeHost({ transport, env, signal: stop.signal, ...more });
  const code = await runProgram(["get", "volumes", "-w", ...args], host, idleDaemons);
  return { code, asked, out: host.printed(), err: host.said() };
}

const [a, b] = [volume("a", true), volume("b", false)];

Deno.test("without a terminal: the table once, then each row that changed, and what is gone", async () => {
  const { code, out, asked } = await watch([], [[a, b], [a, volume("b", true)], [a]]);
  assert.equal(code, 0);
  assert.deepEqual(out.split("\n").map((line) => line.trimEnd().replace(/ {2,}/g, "|")), [
    "PROJECT|VOLUME|STATE|NODE|USED BY|IN PODMAN",
    "shop|a|ready|box|-|skerry-shop-a",
    "shop|b|not made yet|box|-|skerry-shop-b",
    "shop|b|ready|box|-|skerry-shop-b",
    "shop|b|ready|box|-|skerry-shop-b|(gone)",
    "",
  ]);
  // Never the same question twice without being held.
  assert.deepEqual(asked.map(({ etag }) => etag), [null, '"1"', '"2"', '"3"']);
  assert.ok(asked.slice(1).every(({ wait }) => Number(wait) >= 10));
});

Deno.test("-o json: one document a line, with what became of it", async () => {
  const { out } = await watch(["-o", "json"], [[a], [b]]);
  const lines = out.trim().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines, [
    { type: "ADDED", object: a },
    { type: "ADDED", object: b },
    { type: "DELETED", object: a },
  ]);
});

Deno.test("on a terminal the table is drawn in place, and only what changed is marked", async () => {
  const { out } = await watch([], [[a, b], [a, volume("b", true)]], { terminal: true });
  const [first, second] = out.split("\x1b[J");
  assert.ok(first !== undefined && second !== undefined);
  assert.ok(!first.includes("*"), first);
  assert.ok(second.startsWith("\x1b[3A"), JSON.stringify(second));
  const marked = second.split("\n").filter((line) => line.includes("*"));
  assert.deepEqual(marked.map((line) => /\bb\b.*ready/.test(line)), [true]);
});

Deno.test("a control plane that goes away is waited for, said once, and nothing is told twice", async () => {
  const { code, out, err } = await watch(
    ["-o", "json"],
    [[a], null, null, [a], [volume("a", false)]],
  );
  assert.equal(code, 0);
  assert.deepEqual(out.trim().split("\n").map((line) => JSON.parse(line).type), [
    "ADDED",
    "MODIFIED",
  ]);
  assert.match(err, /^skerry does not answer; waiting for it [^\n]*\nskerry answers again\n$/);
});

Deno.test("one that was never there is an error; YAML is refused before anything is asked", async () => {
  const never = await watch([], [null]);
  assert.deepEqual([never.code, never.out], [1, ""]);
  const yaml = await watch(["-o", "yaml"], [[a]]);
  assert.deepEqual([yaml.code, yaml.out], [2, ""]);
});

Deno.test("what is told from look to look makes the last look again", () => {
  const rows = fc.uniqueArray(
    fc.record({ key: fc.constantFrom("a", "b", "c", "d", "e"), value: fc.nat(2) }, {
      noNullPrototype: true,
    }),
    { selector: ({ key }) => key },
  );
  const identity = { key: (row: { key: string }) => row.key };
  fc.assert(fc.property(fc.array(rows, { maxLength: 6 }), (looks) => {
    const known = new Map<string, unknown>();
    let before: { key: string; value: number }[] = [];
    for (const look of looks) {
      for (const { type, key, row } of changesBetween(before, look, identity)) {
        assert.equal(known.has(key), type !== "ADDED");
        if (type === "DELETED") known.delete(key);
        else {
          assert.notDeepEqual(known.get(key), row, "told without a change");
          known.set(key, row);
        }
      }
      before = look;
    }
    assert.deepEqual([...known.values()].sort(byKey), [...before].sort(byKey));
  }));
});

function byKey(one: unknown, other: unknown): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}
