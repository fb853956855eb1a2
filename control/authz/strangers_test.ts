import assert from "node:assert/strict";
import { Problem } from "../../shared/api/problem.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { ask, createPerson, PAGE_ORIGIN } from "../testing/people.ts";

/** A body that never ends by itself. */
function endless() {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  return {
    body: readable,
    send: (text: string) => writer.write(new TextEncoder().encode(text)),
    end: () => writer.close(),
    gone: writer.closed.then(() => "ended", () => "cancelled"),
  };
}

const json = { "content-type": "application/json" };

async function problemOf(response: Response): Promise<Problem> {
  assert.ok(!response.ok, `${response.status}`);
  return Problem.parse(await response.json());
}

async function pass({ clock }: Harness, ms: number): Promise<void> {
  while (clock.sleepers() === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  clock.advance(ms);
}

Deno.test("a stranger's body that does not end is refused after a while, on page and API", async () => {
  await using harness = await createHarness();
  const { app } = harness;
  const form = { "content-type": "application/x-www-form-urlencoded" };
  for (const [path, headers] of [["/api/v1/login", json], ["/theme", form]] as const) {
    const { body, send, gone } = endless();
    const answer = ask(app, path, { method: "POST", headers, body });
    await send(" ");
    await pass(harness, 20_000);
    const response = await answer;
    assert.equal(response.status, 408);
    assert.match(await response.text(), /not there within 20 s/);
    assert.equal(await gone, "cancelled");
  }
});

Deno.test("a stranger sends little, whether the length is said beforehand or not", async () => {
  await using harness = await createHarness();
  const { app } = harness;
  const text = JSON.stringify({ name: "a", password: "b".repeat(70_000) });
  const said = await ask(app, "/api/v1/login", {
    method: "POST",
    headers: { ...json, "content-length": `${text.length}` },
    body: text,
  });
  const { body, send, gone } = endless();
  const unsaid = ask(app, "/api/v1/login", { method: "POST", headers: json, body });
  send(text).catch(() => undefined);
  for (const response of [said, await unsaid]) {
    assert.equal(response.status, 413);
    assert.match((await problemOf(response)).detail, /without a login has more than 64 KiB/);
  }
  assert.equal(await gone, "cancelled");
});

Deno.test("a body of somebody who is logged in may take hours, as long as it comes on", async () => {
  await using harness = await createHarness();
  const { app } = harness;
  const { cookie } = await createPerson(harness, "ops", [{ role: "admin", project: null }]);
  const put = (body: ReadableStream<Uint8Array>) =>
    ask(app, "/api/v1/secrets/key?project=shop", {
      method: "PUT",
      body,
      headers: { "content-type": "application/octet-stream" },
    }, { cookie });
  const slow = endless();
  const answer = put(slow.body);
  for (let part = 0; part < 60; part++) {
    await pass(harness, 60_000);
    await slow.send("x".repeat(4096));
  }
  await slow.end();
  assert.ok((await answer).ok);
  const silent = endless();
  const refused = put(silent.body);
  await pass(harness, 90_000);
  assert.equal((await problemOf(await refused)).code, "too_slow");
  assert.equal((await refused).status, 408);
  assert.equal(await silent.gone, "cancelled");
});

Deno.test("so many strangers of one network are answered at once; nobody else is held up", async () => {
  await using harness = await createHarness();
  const { app } = harness;
  const { cookie } = await createPerson(harness, "ops", [{ role: "viewer", project: null }]);
  const login = (address: string) => {
    const { body, end } = endless();
    const answer = ask(app, "/api/v1/login", { method: "POST", headers: json, body }, { address });
    return { answer, end };
  };
  const held = Array.from({ length: 32 }, (_, index) => login(`2001:db8::${index + 1}`));
  const state = (address: string) => ask(app, "/api/v1/login", {}, { address });
  const refused = await state("2001:db8::ffff");
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "1");
  assert.match((await problemOf(refused)).detail, /32 requests without a login from 2001:0db8:/);
  assert.equal((await state("2001:db8:1::1")).status, 200);
  const mine = await ask(app, "/api/v1/me", {}, { cookie, address: "2001:db8::9" });
  assert.equal(mine.status, 200);
  await held[0]?.end();
  await held[0]?.answer;
  assert.equal((await state("2001:db8::ffff")).status, 200);
  for (const { end, answer } of held.slice(1)) {
    await end();
    assert.equal((await answer).status, 400);
  }
});

Deno.test("the box's own agent, and root, are asked for no pace", async () => {
  await using harness = await createHarness();
  const { app, clock } = harness;
  const { body, send, end } = endless();
  const request = new Request(`${PAGE_ORIGIN}/api/v1/secrets/key?project=shop`, {
    method: "PUT",
    body,
    headers: { "content-type": "application/octet-stream" },
  });
  const answer = app.fetch(request, { kind: "root", via: "socket" });
  await send("x");
  clock.advance(86_400_000);
  await end();
  assert.ok((await answer).ok);
});
