import assert from "node:assert/strict";
import { ApiError } from "../shared/api/problem.ts";
import { checkUnchanged, etagOf } from "./conditional.ts";
import { createHarness } from "./testing/harness.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function changed(work: Promise<unknown>): Promise<void> {
  const thrown = await work.then(() => null, (error: unknown) => error);
  assert.ok(thrown instanceof ApiError, `not refused: ${thrown}`);
  assert.deepEqual([thrown.status, thrown.code], [412, "changed_meanwhile"]);
  assert.ok(thrown.problem.remedy);
}

Deno.test("If-Match may name several states, or any; a weak one never matches", () => {
  const etag = etagOf({ a: 1 });
  const check = (value: string, now: string | null) =>
    checkUnchanged(new Request("http://a/", { headers: { "if-match": value } }), now, "it");
  check(etag, etag);
  check(`"other", ${etag}`, etag);
  check("*", etag);
  checkUnchanged(new Request("http://a/"), null, "it");
  assert.throws(() => check(`W/${etag}`, etag), /was changed/);
  assert.throws(() => check('"other"', etag), /was changed/);
  assert.throws(() => check("*", null), /is not there/);
});

Deno.test("of two who set a registry with what they saw, the second is told", async () => {
  await using h = await createHarness();
  await changed(h.api.putRegistry("a.lan", { plainHttp: true, mirrors: [] }, '"none"'));
  assert.deepEqual(await h.api.registries(), []);
  const { etag } = await h.api.putRegistry("a.lan", { plainHttp: true, mirrors: [] });
  assert.equal((await h.api.registries())[0]?.etag, etag);
  const next = await h.api.putRegistry("a.lan", { plainHttp: false, mirrors: ["b.lan"] }, etag);
  await changed(h.api.putRegistry("a.lan", { plainHttp: true, mirrors: [] }, etag));
  assert.deepEqual(await h.api.registries(), [next]);
});

Deno.test("of two who set a secret with what they saw, the second is told", async () => {
  await using h = await createHarness();
  await changed(h.api.putSecret("s", bytes("a"), "shop", '"none"'));
  assert.deepEqual([await h.api.secrets(), await h.api.projects()], [[], []]);
  const { etag } = await h.api.putSecret("s", bytes("a"));
  // Another one of that name: it is not this one that changed.
  await h.api.putSecret("s", bytes("a"), "shop");
  assert.equal((await h.api.putSecret("s", bytes("b"), undefined, etag)).versions, 2);
  await changed(h.api.putSecret("s", bytes("c"), undefined, etag));
  const found = (await h.api.secrets()).find(({ project }) => project === null);
  assert.equal(found?.versions, 2);
  assert.notEqual(found?.etag, etag);
});

Deno.test("of two who grant with what they saw, the second is told", async () => {
  await using h = await createHarness();
  const { account: { etag } } = await h.api.createAccount({ name: "bert", grants: [] });
  const viewer = { role: "viewer", project: null } as const;
  const operator = { role: "operator", project: null } as const;
  const next = await h.api.setGrants("bert", [viewer], etag);
  await changed(h.api.setGrants("bert", [operator], etag));
  const [bert] = await h.api.accounts();
  assert.deepEqual([bert?.grants, bert?.etag], [[viewer], next.etag]);
});
