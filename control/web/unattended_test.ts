import assert from "node:assert/strict";
import { createHarness, type Harness } from "../testing/harness.ts";
import { ask, createPerson } from "../testing/people.ts";
import { ASSETS } from "../../ui/assets/assets.ts";
import { UNATTENDED_HEADER } from "../authz/identify.ts";

const MINUTE = 60_000;

async function statusAt(h: Harness, path: string, cookie: string, headers = {}): Promise<number> {
  const response = await ask(h.app, path, {}, { cookie, headers });
  await response.body?.cancel();
  return response.status;
}

Deno.test("what an open page asks for by itself does not keep its session from going idle", async () => {
  await using h = await createHarness();
  await h.api.setLoginSettings({ totpWindowSteps: 1, sessionIdleMinutes: 30, sessionHours: 24 });
  const { cookie } = await createPerson(h, "ada", [{ role: "viewer", project: null }]);
  const looks = [
    () => statusAt(h, "/live?path=%2F", cookie),
    () => statusAt(h, "/live/main?path=%2F", cookie),
    () => statusAt(h, "/api/v1/me", cookie, { [UNATTENDED_HEADER]: "plot" }),
  ];
  for (let minute = 10; minute < 30; minute += 10) {
    h.clock.advance(10 * MINUTE);
    for (const look of looks) assert.equal(await look(), 200);
  }
  h.clock.advance(10 * MINUTE);
  for (const look of looks) assert.equal(await look(), 401);
});

Deno.test("what a person asks for does", async () => {
  await using h = await createHarness();
  await h.api.setLoginSettings({ totpWindowSteps: 1, sessionIdleMinutes: 30, sessionHours: 24 });
  const { cookie } = await createPerson(h, "ada", [{ role: "viewer", project: null }]);
  for (let turn = 0; turn < 4; turn++) {
    h.clock.advance(20 * MINUTE);
    assert.equal(await statusAt(h, "/nodes", cookie), 200);
  }
});

Deno.test("an open page whose session went idle is led to the login", async () => {
  await using h = await createHarness();
  await h.api.setLoginSettings({ totpWindowSteps: 1, sessionIdleMinutes: 30, sessionHours: 24 });
  const { cookie } = await createPerson(h, "ada", [{ role: "viewer", project: null }]);
  const stream = await ask(h.app, "/live?path=%2Fnodes", {}, { cookie });
  const reader = (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())
    .getReader();
  assert.match((await reader.read()).value ?? "", /^event: beat/);
  h.clock.advance(31 * MINUTE);
  // Something else changes, and the page would be another one.
  await h.api.putSecret("key", new Uint8Array([1]));
  let told = "";
  while (!told.includes("event: go")) {
    const { value, done } = await reader.read();
    if (done) break;
    told = value;
  }
  assert.equal(told, "event: go\ndata: /login?next=%2Fnodes\n\n");
  await reader.cancel();
});

Deno.test("plots say that they ask by themselves", () => {
  assert.match(ASSETS["plot.ts"]?.text ?? "", new RegExp(`"${UNATTENDED_HEADER}"`));
});
