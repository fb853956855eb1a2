import assert from "node:assert/strict";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { createHarness } from "../testing/harness.ts";
import { createAssets } from "./assets.ts";
import { earlyResponse } from "./render.tsx";
import { STRANGER, viewerOf } from "./viewer.ts";

const viewer = viewerOf({ kind: "root", via: "socket" }) ?? STRANGER;

Deno.test("what a browser loads is named before the main part is there", async () => {
  const request = new Request("https://box.example/");
  const made = Promise.withResolvers<string>();
  const response = earlyResponse(
    { request, viewer, assets: createAssets() },
    "Overview",
    () => made.promise,
  );
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())
    .getReader();
  const { value: before = "" } = await reader.read();
  assert.match(before, /^<!doctype html><html lang="en" ?>/);
  assert.match(before, /<title>Overview · Skerry<\/title>/);
  assert.match(before, /rel="stylesheet" href="\/assets\/[0-9a-f]+\/skerry.css"/);
  assert.match(before, /<nav aria-label="Main">/);
  assert.doesNotMatch(before, /<main|<\/html>/);
  made.resolve("<p>here</p>");
  const { value: after = "" } = await reader.read();
  assert.match(
    after,
    /^<main id="main" tabindex="-1" data-live="[0-9a-f]{16}"><p>here<\/p><\/main>/,
  );
  assert.match(after, /<\/html>$/);
  assert.equal((await reader.read()).done, true);
});

Deno.test("the overview is the same in every coding, and a reader who leaves is no fault", async () => {
  await using harness = await createHarness();
  const ask = (coding: string) =>
    harness.app.fetch(
      new Request("https://box.example/", { headers: { "accept-encoding": coding } }),
      { kind: "root", via: "socket" },
    );
  const plain = await (await ask("identity")).text();
  assert.match(plain, /<main[\s\S]*Nothing runs here yet[\s\S]*<\/main>[\s\S]*<\/html>$/);
  for (const [coding, decoded] of [["br", brotliDecompressSync], ["gzip", gunzipSync]] as const) {
    const response = await ask(coding);
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-encoding"), coding);
    const text = new TextDecoder().decode(decoded(new Uint8Array(await response.arrayBuffer())));
    assert.equal(text, plain);
    await (await ask(coding)).body?.cancel();
  }
});
