import assert from "node:assert/strict";
import { DOC_PAGES, docTitle, searchDocs } from "./pages.ts";
import { headingId, Markdown } from "../text/markdown.tsx";

Deno.test("every page of the folder is carried, and has a title", async () => {
  const names: string[] = [];
  for await (const { name } of Deno.readDir(new URL(".", import.meta.url))) {
    if (name.endsWith(".md")) names.push(name.slice(0, -3));
  }
  assert.deepEqual(DOC_PAGES.map(({ name }) => name).sort(), names.sort());
  for (const page of DOC_PAGES) {
    assert.notEqual(docTitle(page), page.name);
  }
});

Deno.test("what is written is found", () => {
  assert.ok(searchDocs("schedule zone").some(({ page }) => page.name === "jobs"));
  assert.deepEqual(searchDocs("nobodywritesthisword"), []);
  assert.deepEqual(searchDocs("  "), []);
});

Deno.test("HTML, scripts and odd links in a text are text", () => {
  const html = String(Markdown({
    text:
      "# A <b>\n<script>alert(1)</script>\n\n[x](javascript:alert(1)) [y](compose.md#top) `<i>` &lt;u>\n\n| a |\n|---|\n| <img src=x onerror=alert(1)> |\n",
  }));
  assert.doesNotMatch(html, /<(script|img|b|i|u)[ >]/);
  assert.doesNotMatch(html, /javascript:[^<]*"/);
  assert.match(html, /href="\/docs\/compose#top"/);
  assert.match(html, /<code>&lt;i&gt;<\/code>/);
  assert.equal(headingId("What `x-skerry` is?"), "what-x-skerry-is");
});
