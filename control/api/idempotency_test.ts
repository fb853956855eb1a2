import assert from "node:assert/strict";
import { ApiError } from "../../shared/api/problem.ts";
import { openDatabase } from "../../shared/sqlite/database.ts";
import { SkerryError } from "../../shared/errors.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { clientOf, createPerson, PASSWORD } from "../testing/people.ts";

const HOUR_MS = 3_600_000;
const RUN = { noDeps: true, asJob: false };

async function refusal(work: Promise<unknown>): Promise<ApiError> {
  const thrown = await work.then(() => null, (error: unknown) => error);
  assert.ok(thrown instanceof ApiError, `not refused: ${thrown}`);
  return thrown;
}

async function shop(database?: string): Promise<Harness> {
  const h = await createHarness(database === undefined ? {} : { database });
  const model = testModel("shop", { web: testService(), api: testService() });
  await h.api.createRelease("shop", testRequest(model));
  await h.agent.settle();
  return h;
}

Deno.test("a repeat with its key is one run, for a day; another request with it is refused", async () => {
  await using h = await shop();
  const first = await h.api.startRun("shop", "web", RUN, "k");
  h.clock.advance(23 * HOUR_MS);
  assert.deepEqual(await h.api.startRun("shop", "web", RUN, "k"), first);
  assert.equal(h.link.started.length, 1);

  const others = [
    h.api.startRun("shop", "api", RUN, "k"),
    h.api.startRun("shop", "web", { ...RUN, command: ["true"] }, "k"),
    h.api.createAccount({ name: "bert", grants: [] }, "k"),
    h.api.createRelease("shop", { parts: {} }, "k"),
  ];
  for (const other of others) assert.equal((await refusal(other)).code, "idempotency_key_reused");
  assert.equal(h.link.started.length, 1);

  h.clock.advance(2 * HOUR_MS);
  assert.equal((await h.api.startRun("shop", "web", RUN, "k")).number, 2);
  assert.equal((await h.api.startRun("shop", "web", RUN)).number, 3);
});

Deno.test("of two at once with one key one is carried out", async () => {
  await using h = await shop();
  const all = await Promise.all([1, 2, 3].map(() => h.api.startRun("shop", "web", RUN, "k")));
  assert.deepEqual(all.map(({ number }) => number), [1, 1, 1]);
  assert.equal(h.link.started.length, 1);
});

Deno.test("keys of different callers do not meet, not even of one account's session and token", async () => {
  await using h = await shop();
  const anna = await createPerson(h, "anna", [{ role: "admin", project: null }]);
  const { token } = await h.api.createToken({ name: "ci" }, "anna");
  const callers = [h.api, anna.api, clientOf(h.app, { token })];
  for (const each of callers) await each.startRun("shop", "web", RUN, "k");
  assert.equal(h.link.started.length, 3);
  for (const each of callers) await each.startRun("shop", "web", RUN, "k");
  assert.equal(h.link.started.length, 3);

  await h.api.setGrants("anna", []);
  assert.equal((await refusal(anna.api.startRun("shop", "web", RUN, "k"))).code, "forbidden");
});

Deno.test("an error is not kept: the next one tries again", async () => {
  await using h = await shop();
  assert.equal((await refusal(h.api.startRun("shop", "none", RUN, "k"))).status, 404);
  const weak = await refusal(h.api.createAccount({ name: "bert", grants: [], password: "a" }, "k"));
  assert.equal(weak.code, "password_weak");
  assert.equal((await h.api.startRun("shop", "web", RUN, "k")).number, 1);
});

Deno.test("an answer with a one-time link is the same again, and not in clear in the database", async () => {
  await using h = await shop("control.db");
  const made = await h.api.createAccount({ name: "bert", grants: [] }, "k");
  assert.deepEqual(await h.api.createAccount({ name: "bert", grants: [] }, "k"), made);
  const secret = made.link?.token;
  assert.ok(secret !== undefined);
  await h.api.createAccount({ name: "carl", grants: [], password: PASSWORD }, "l");
  for await (const { name, isFile } of Deno.readDir(h.folder)) {
    if (!isFile) continue;
    const text = new TextDecoder("latin1").decode(await Deno.readFile(`${h.folder}/${name}`));
    for (const each of [secret, btoa(secret), PASSWORD]) assert.ok(!text.includes(each), name);
  }
});

Deno.test("of what was begun when the control plane ended nothing is claimed", async () => {
  await using h = await shop("control.db");
  await h.api.startRun("shop", "web", RUN, "k");
  // As it is found where the program ended before the answer was there.
  const database = openDatabase(`${h.folder}/control.db`);
  database.run("UPDATE idempotency SET answer = ''");
  database.close();
  const problem = await refusal(h.api.startRun("shop", "web", RUN, "k"));
  assert.deepEqual([problem.status, problem.code], [409, "outcome_unknown"]);
  assert.equal(h.link.started.length, 1);
});

Deno.test("a run goes on to its end though the asker left, and the repeat has its answer", async () => {
  await using h = await shop();
  const begun = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const { startRun } = h.link;
  h.link.startRun = async (start, signal) => {
    begun.resolve();
    await gate.promise;
    if (signal.aborted) throw new SkerryError("aborted", "the asker left");
    return await startRun(start, signal);
  };
  const leaving = new AbortController();
  const request = () =>
    new Request("http://localhost/api/v1/projects/shop/services/web/runs", {
      method: "POST",
      body: JSON.stringify(RUN),
      headers: { "content-type": "application/json", "idempotency-key": "k" },
      signal: leaving.signal,
    });
  const first = h.app.fetch(request(), { kind: "root", via: "socket" });
  await begun.promise;
  leaving.abort();
  gate.resolve();
  assert.equal((await first).status, 202);
  assert.equal((await h.api.startRun("shop", "web", RUN, "k")).number, 1);
  assert.equal(h.link.started.length, 1);
});

Deno.test("a key that is none is refused", async () => {
  await using h = await shop();
  for (const key of ["é", "a".repeat(201)]) {
    assert.equal((await refusal(h.api.startRun("shop", "web", RUN, key))).code, "bad_request");
  }
  assert.equal(h.link.started.length, 0);
});
