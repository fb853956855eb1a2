import assert from "node:assert/strict";
import { hostOf } from "./reached_at.ts";
import { createHarness, TEST_SETTINGS } from "./testing/harness.ts";
import { testModel, testRequest, testService } from "./testing/models.ts";

const NAMES = [
  ...["localhost", "127.0.0.1", "::1", "Box", "10.210.0.1"],
  ...["198.51.100.7", "2001:db8::7"],
];
const settings = { ...TEST_SETTINGS, ownNames: () => NAMES };
const at = (url: string, ownNames = NAMES) =>
  hostOf({ url }, { ...settings, ownNames: () => ownNames });

Deno.test("who asks by a name of the box is shown that one", () => {
  assert.equal(at("https://box:7443/projects"), "box");
  assert.equal(at("https://198.51.100.7:7443/"), "198.51.100.7");
  assert.equal(at("https://[2001:db8::7]:7443/"), "[2001:db8::7]");
});

Deno.test("a name that is not the box's, and one that is good on the box alone, give its address", () => {
  for (const asked of ["http://localhost/", "https://127.0.0.1:7443/", "https://evil.example/"]) {
    assert.equal(at(asked), "198.51.100.7");
  }
  // That of containers leads nowhere from outside.
  assert.equal(at("http://localhost/", ["localhost", "box", "10.210.0.1"]), "box");
  assert.equal(at("http://localhost/", ["localhost", "box", "2001:db8::7"]), "[2001:db8::7]");
  assert.equal(at("http://localhost/", ["localhost", "::1"]), "localhost");
});

Deno.test("pages and API name a route without a host by where their reader is, live pages too", async () => {
  await using h = await createHarness({ settings: { ownNames: () => NAMES } });
  const route = { path: "/", port: 80, tls: "off" as const };
  const named = { ...route, host: "shop.example" };
  const web = testService({ "x-skerry": { routes: [route, named] } });
  await h.api.createRelease("shop", testRequest(testModel("shop", { web })));
  const text = async (url: string) =>
    await (await h.app.fetch(new Request(url), { kind: "root", via: "process" })).text();
  const paths = ["/routes", "/projects/shop/services/web", "/live/main?path=%2Froutes"];
  for (const path of [...paths, "/api/v1/services", "/api/v1/routes"]) {
    for (const host of ["box", "198.51.100.7"]) {
      const shown = await text(`https://${host}:7443${path}`);
      assert.match(shown, new RegExp(`http://${host}/`), path);
      assert.match(shown, /http:\/\/shop\.example\//, path);
      assert.doesNotMatch(shown, /http:\/\/localhost\//, path);
    }
  }
  assert.deepEqual((await h.api.services())[0]?.urls, [
    "http://198.51.100.7/",
    "http://shop.example/",
  ]);
});

Deno.test("open pages at two names of the box do not share what they show", async () => {
  await using h = await createHarness({ settings: { ownNames: () => NAMES } });
  const follow = async (host: string) => {
    const request = new Request(`https://${host}:7443/live?path=%2Froutes`);
    const { body } = await h.app.fetch(request, { kind: "root", via: "process" });
    const reader = (body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
    for (;;) {
      const { value = "" } = await reader.read();
      const found = /event: changed\ndata: (\w+)/.exec(value);
      if (found !== null) return { hash: found[1], end: () => reader.cancel() };
    }
  };
  const route = { path: "/", port: 80, tls: "off" as const };
  const web = testService({ "x-skerry": { routes: [route] } });
  await h.api.createRelease("shop", testRequest(testModel("shop", { web })));
  const [one, other] = await Promise.all([follow("box"), follow("198.51.100.7")]);
  assert.notEqual(one?.hash, other?.hash);
  await Promise.all([one?.end(), other?.end()]);
});
