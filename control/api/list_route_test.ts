import assert from "node:assert/strict";
import fc from "fast-check";
import { z } from "zod";
import { listOf } from "../../shared/api/page.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { createApiClient } from "../../shared/api/client.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { cursorOf, type Key, pageOf } from "./list_route.ts";

const List = listOf(z.looseObject({}));
type Row = { readonly name: string; readonly slot: number };
const of = { key: ({ name, slot }: Row): Key => [name, slot] };
const row = fc.record({ name: fc.string({ maxLength: 3 }), slot: fc.nat(20) });

const asRoot = ({ app }: Harness, path: string) =>
  app.fetch(new Request(`http://localhost${path}`), { kind: "root", via: "process" });

function keyOf(cursor: string): Key {
  const text = new TextDecoder().decode(Uint8Array.fromBase64(cursor, { alphabet: "base64url" }));
  return z.array(z.union([z.string(), z.number()])).parse(JSON.parse(text));
}

Deno.test("all pages together are the list, whatever comes and goes between them", () => {
  fc.assert(fc.property(
    fc.uniqueArray(row, { selector: (each) => JSON.stringify(of.key(each)) }),
    fc.array(fc.nat(), { maxLength: 5 }),
    fc.integer({ min: 1, max: 5 }),
    fc.boolean(),
    (rows, going, limit, descending) => {
      const order = { ...of, ...(descending ? { descending: true as const } : {}) };
      let left = rows;
      let after: Key | null = null;
      const seen: Row[] = [];
      const gone: Row[] = [];
      for (let turn = 0; turn <= rows.length; turn++) {
        const page: { items: Row[]; next?: string } = pageOf(left, { limit, after }, order);
        seen.push(...page.items);
        if (page.next === undefined) break;
        assert.equal(page.items.length, limit);
        after = keyOf(page.next);
        const at = going[turn];
        const goes = at === undefined ? undefined : left[at % left.length];
        if (goes !== undefined) {
          gone.push(goes);
          left = left.filter((each) => each !== goes);
        }
      }
      const stayed = rows.filter((each) => !gone.includes(each));
      assert.equal(new Set(seen).size, seen.length, "none twice");
      for (const each of stayed) assert.ok(seen.includes(each), "none left out");
    },
  ));
});

Deno.test("lists come in pages, and the client reads them all", async () => {
  await using h = await createHarness();
  const names = ["a", "b", "c", "d", "e"];
  for (const name of names) await h.api.putSecret(name, new Uint8Array([1]));
  const get = async (query: string) => {
    const response = await asRoot(h, `/api/v1/secrets${query}`);
    return { status: response.status, headers: response.headers, text: await response.text() };
  };
  const page = async (query: string) => {
    const { items, next } = List.parse(JSON.parse((await get(query)).text));
    return { names: items.map((each) => String(each["name"])), next };
  };
  const first = await page("?limit=2");
  assert.deepEqual(first.names, names.slice(0, 2));
  assert.deepEqual((await page(`?limit=2&after=${first.next}`)).names, names.slice(2, 4));
  assert.deepEqual(await page(`?after=${cursorOf(["", "d"])}`), { names: ["e"], next: undefined });
  assert.deepEqual(await page(""), { names, next: undefined });
  // A client whose pages are as small as that.
  const small = createApiClient((request) => {
    const url = new URL(request.url);
    url.searchParams.set("limit", "2");
    return h.app.fetch(new Request(url, request), { kind: "root", via: "process" });
  });
  assert.deepEqual((await small.secrets()).map(({ name }) => name), names);
  assert.equal((await small.look(ENDPOINTS.secrets, {})).items.length, names.length);
  const ending = new AbortController();
  for await (const { items } of small.watch(ENDPOINTS.secrets, {}, ending.signal)) {
    assert.deepEqual(items.map(({ name }) => name), names);
    ending.abort();
  }
  // What changes on the last page alone is news for who watches the first one.
  const before = (await get("?limit=2")).headers.get("etag");
  await h.api.putSecret("e", new Uint8Array([2]));
  assert.notEqual((await get("?limit=2")).headers.get("etag"), before);

  for (const query of ["?limit=0", "?limit=1001", "?after=*", "?after=YWJj", "?limit=1&limit=2"]) {
    assert.equal((await get(query)).status, 400, query);
  }
  const unknown = await get("?limits=5");
  assert.equal(unknown.status, 400);
  assert.match(unknown.text, /\\"limits\\", which means nothing here/);
  assert.match(unknown.text, /Use these alone: project, limit, after, wait/);
});

Deno.test("the log of changes is read page by page, the newest first", async () => {
  await using h = await createHarness();
  for (const name of ["a", "b", "c"]) await h.api.putSecret(name, new Uint8Array([1]));
  const subjects: string[] = [];
  let after = "";
  while (true) {
    const cursor = after === "" ? "" : `&after=${after}`;
    const response = await asRoot(h, `/api/v1/changes?limit=2${cursor}`);
    const { items, next } = List.parse(await response.json());
    subjects.push(...items.map((each) => String(each["subject"])));
    if (next === undefined) break;
    after = next;
  }
  assert.deepEqual(subjects.slice(0, 3), ["c", "b", "a"]);
  assert.deepEqual((await h.api.changes({ limit: 2 })).map(({ subject }) => subject), ["c", "b"]);
});
