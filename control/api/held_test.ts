import assert from "node:assert/strict";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const ask = (wait: string | null, etag: string | null) =>
  new Request(`http://localhost/api/v1/services${wait === null ? "" : `?wait=${wait}`}`, {
    headers: etag === null ? {} : { "if-none-match": etag },
  });

Deno.test("a list that is known is held until it changes, and is not sent again before", async () => {
  await using h = await createHarness();
  const fetch = (request: Request) => h.app.fetch(request, { kind: "root", via: "socket" });
  const first = await fetch(ask(null, null));
  const etag = first.headers.get("etag");
  assert.ok(etag);
  assert.deepEqual(await first.json(), { items: [] });
  assert.equal((await fetch(ask(null, etag))).status, 304);
  assert.equal((await fetch(ask("1", etag))).status, 304);
  assert.equal((await fetch(ask("1", '"another"'))).status, 200);

  const held = fetch(ask("60", etag));
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService({}) })));
  const changed = await held;
  assert.equal(changed.status, 200);
  assert.notEqual(changed.headers.get("etag"), etag);
  const { items } = await changed.json();
  assert.equal(items.length, 1);
});

Deno.test("the client's watch gives each state once and ends with its signal or with the app", async () => {
  await using h = await createHarness();
  const stop = new AbortController();
  const stages: string[][] = [];
  const watching = (async () => {
    for await (const { items } of h.api.watch(ENDPOINTS.services, {}, stop.signal)) {
      stages.push(items.map(({ stage }) => stage));
      if (stages.length === 1) {
        await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService({}) })));
      }
      if (items[0]?.stage === "pending") await h.agent.settle();
      if (items[0]?.stage === "running") stop.abort();
    }
  })();
  await watching.catch((thrown) => {
    if (!stop.signal.aborted) throw thrown;
  });
  assert.deepEqual(stages[0], []);
  assert.deepEqual(stages.at(-1), ["running"]);
  const texts = stages.map((each) => each.join());
  assert.deepEqual(texts, texts.filter((each, at) => each !== texts[at - 1]));

  const going = h.api.watch(ENDPOINTS.services, {}, new AbortController().signal);
  await going.next();
  const next = going.next();
  h.app.close();
  await assert.rejects(next, /ending/);
});
