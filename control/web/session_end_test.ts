import assert from "node:assert/strict";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { createBell } from "../bell.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { ask, clientOf, createPerson, logIn, PASSWORD } from "../testing/people.ts";
import { createLive } from "./live.ts";

/** What an open page hears; nothing of what it shows changes meanwhile. */
async function openPage(h: Harness, path: string, cookie: string) {
  const main = await ask(h.app, `/live/main?path=${path}`, {}, { cookie });
  await main.body?.cancel();
  const have = main.headers.get("x-skerry-main") ?? "";
  const stream = await ask(h.app, `/live?path=${path}&have=${have}`, {}, { cookie });
  const reader = (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())
    .getReader();
  await reader.read();
  return {
    async until(event: string): Promise<string> {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) throw new Error("the stream ended");
        if (value.includes(`event: ${event}\n`)) return value;
      }
    },
    end: () => reader.cancel(),
  };
}

Deno.test("an open page hears at once that its session was ended by another browser", async () => {
  await using h = await createHarness();
  const { cookie } = await createPerson(h, "ada", [{ role: "viewer", project: null }]);
  const page = await openPage(h, "/docs/jobs", cookie);
  const other = clientOf(h.app, { cookie: await logIn(h.app, "ada") });
  const mine = (await other.sessions()).find(({ current }) => !current);
  assert.ok(mine !== undefined);
  await other.deleteSession(mine.id);
  assert.equal(await page.until("go"), "event: go\ndata: /login?next=%2Fdocs%2Fjobs\n\n");
  await page.end();
});

Deno.test("… that the password was changed elsewhere, and that a role was taken away", async () => {
  await using h = await createHarness();
  const { cookie, api } = await createPerson(h, "ada", [{ role: "viewer", project: null }]);
  const page = await openPage(h, "/docs/jobs", cookie);
  await h.api.setGrants("ada", [{ role: "viewer", project: ProjectName.parse("shop") }]);
  // Its session is as good as before: the page is loaded again, with what it may show now.
  assert.equal(await page.until("go"), "event: go\ndata: /docs/jobs\n\n");
  await page.end();
  const again = await openPage(h, "/docs/jobs", cookie);
  const other = clientOf(h.app, { cookie: await logIn(h.app, "ada") });
  await other.setPassword({ current: PASSWORD, password: "another sentence for tests" });
  assert.match(await again.until("go"), /\/login\?next=/);
  await again.end();
  await assert.rejects(api.me());
});

Deno.test("a page that does not change is told that the link lives, whatever else changes", async () => {
  const stateBell = createBell();
  const closing = new AbortController();
  const live = createLive({
    stateBell,
    closing: closing.signal,
    render: () => Promise.resolve({ html: "", status: 200, hash: "same" }),
    loginAddress: (address) => address,
    rightsEnd: () => null,
    gatherMs: 1,
    beatMs: 40,
  });
  const caller = { kind: "root", via: "process" } as const;
  const { body } = live.follow({
    address: "/",
    caller,
    host: "box",
    identify: () => Promise.resolve(caller),
    have: "same",
  });
  const ringing = setInterval(() => stateBell.ringAll(), 5);
  const reader = (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  for (let beats = 0; beats < 4; beats++) {
    assert.match((await reader.read()).value ?? "", /^event: beat/);
  }
  clearInterval(ringing);
  closing.abort();
  await reader.cancel();
});
