import assert from "node:assert/strict";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const ROOT = { kind: "root", via: "socket" } as const;
const STRANGER = { kind: "anonymous", address: "192.0.2.7", secure: true } as const;
const at = (path: string, init?: RequestInit) => new Request(`https://box.example${path}`, init);

Deno.test("a page carries the headers that keep foreign script out, and none of its own", async () => {
  await using harness = await createHarness();
  const response = await harness.app.fetch(at("/"), ROOT);
  assert.equal(response.status, 200);
  assert.equal(
    response.headers.get("content-security-policy"),
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
      "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; " +
      "frame-ancestors 'none'",
  );
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  assert.equal(response.headers.get("referrer-policy"), "same-origin");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const text = await response.text();
  assert.doesNotMatch(text, /<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:/i);
});

Deno.test("what a page loads is there, small, and kept for ever", async () => {
  await using harness = await createHarness();
  const text = await (await harness.app.fetch(at("/"), ROOT)).text();
  const addresses = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(([, each]) => each);
  assert(addresses.length >= 3);
  for (const address of addresses) {
    const response = await harness.app.fetch(
      at(address ?? "", { headers: { "accept-encoding": "gzip, br" } }),
      STRANGER,
    );
    assert.equal(response.status, 200, address);
    assert.match(response.headers.get("cache-control") ?? "", /immutable/);
    assert.equal(response.headers.get("content-encoding"), "br");
    await response.body?.cancel();
  }
  const script = addresses.find((each) => each?.endsWith("page.ts")) ?? "";
  const response = await harness.app.fetch(at(script), STRANGER);
  assert.equal(response.headers.get("content-type"), "text/javascript; charset=utf-8");
  const code = await response.text();
  assert.doesNotMatch(code, /: HTMLElement/);
  assert.match(code, /var Idiomorph=/);
  assert.doesNotMatch(code, /^(import|export)\b/m, "nothing waits for a second file");
  const names = [...code.matchAll(/^(?:async )?(?:const|let|function) (\w+)/gm)].map(([, name]) =>
    name
  );
  assert(names.includes("goLive"));
  assert.deepEqual(names, [...new Set(names)], "its parts share no name");
  const plot = await harness.app.fetch(at(script.replace("page.ts", "plot.ts")), STRANGER);
  assert.match(await plot.text(), /from "\.\/uplot\.js"/);
});

Deno.test("who is not logged in is led to the login, and back afterwards", async () => {
  await using harness = await createHarness();
  const first = await harness.app.fetch(at("/"), STRANGER);
  assert.equal(first.status, 303);
  assert.equal(first.headers.get("location"), "/login");
  const deep = await harness.app.fetch(at("/projects/shop?a=b"), STRANGER);
  assert.equal(deep.headers.get("location"), "/login?next=%2Fprojects%2Fshop%3Fa%3Db");
  const live = await harness.app.fetch(at("/live?path=%2Fnodes"), STRANGER);
  assert.equal(live.status, 401);
  assert.equal(await live.text(), "/login?next=%2Fnodes");
});

Deno.test("an address without a page says so and shows the way", async () => {
  await using harness = await createHarness();
  const response = await harness.app.fetch(at("/nothing/<b>here"), ROOT);
  assert.equal(response.status, 404);
  const text = await response.text();
  assert.match(text, /There is nothing here/);
  assert.match(text, /href="\/">To the overview/);
  assert.doesNotMatch(text, /<b>here/);
});

Deno.test("addresses and ways back that are none are answered as such, never by a failure", async () => {
  await using harness = await createHarness();
  for (const path of ["//", "//[", "//nodes/projects", "///", "//:0/"]) {
    const response = await harness.app.fetch(at(path), ROOT);
    assert.equal(response.status, 404, path);
    assert.match(await response.text(), /There is nothing here/);
    const strange = await harness.app.fetch(at(path), STRANGER);
    assert.equal(strange.status, 303, path);
    assert.match(strange.headers.get("location") ?? "", /^\/login/);
  }
  for (const back of ["/\u{20ac}", "/\0", "/nodes?a=\u{1f600}"]) {
    const body = new URLSearchParams({ theme: "dark", back });
    const response = await harness.app.fetch(at("/theme", { method: "POST", body }), ROOT);
    assert.equal(response.status, 303, JSON.stringify(back));
  }
});

Deno.test("the API keeps its own answers", async () => {
  await using harness = await createHarness();
  const response = await harness.app.fetch(at("/api/v1/nothing"), ROOT);
  assert.equal(response.status, 404);
  assert.match(response.headers.get("content-type") ?? "", /problem\+json/);
  await response.body?.cancel();
});

Deno.test("colours are chosen without script, and only ways back within the pages are taken", async () => {
  await using harness = await createHarness();
  const choose = (back: string) =>
    harness.app.fetch(
      at("/theme", { method: "POST", body: new URLSearchParams({ theme: "dark", back }) }),
      ROOT,
    );
  const response = await choose("/nodes?a=1");
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), "/nodes?a=1");
  const cookie = response.headers.get("set-cookie") ?? "";
  assert.match(cookie, /^skerry_theme=dark; /);
  const page = await harness.app.fetch(at("/", { headers: { cookie } }), ROOT);
  assert.match(await page.text(), /<html lang="en" data-theme="dark">/);
  assert.equal((await choose(`/${"x".repeat(20_000)}`)).status, 413, "anybody may send it");
  for (const foreign of ["//evil.example", "https://evil.example", "/\\evil.example", ""]) {
    assert.equal((await choose(foreign)).headers.get("location"), "/");
  }
});

Deno.test("an open page hears that it is another one, and gets its main part alone", async () => {
  await using harness = await createHarness();
  const page = await (await harness.app.fetch(at("/"), ROOT)).text();
  const have = /data-live="([0-9a-f]+)"/.exec(page)?.[1] ?? "";
  assert.notEqual(have, "");
  const stream = await harness.app.fetch(at(`/live?path=%2F&have=${have}`), ROOT);
  const reader = (stream.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())
    .getReader();
  assert.equal((await reader.read()).value, "event: beat\ndata: \n\n");
  const model = testModel("shop", { web: testService() });
  await harness.api.createRelease("shop", testRequest(model));
  const told = (await reader.read()).value ?? "";
  assert.match(told, /^event: changed\ndata: [0-9a-f]{16}\n\n$/);
  const main = await harness.app.fetch(at("/live/main?path=%2F"), ROOT);
  assert.equal(main.headers.get("x-skerry-main"), told.split("data: ")[1]?.trim());
  const html = await main.text();
  assert.match(html, /web/);
  assert.doesNotMatch(html, /<html|<nav aria-label="Main"/);
  await reader.cancel();
});
