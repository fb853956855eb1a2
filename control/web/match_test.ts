import assert from "node:assert/strict";
import { matchPath, ownPath } from "./match.ts";

Deno.test("a path fits its pattern part by part, with its parameters read", () => {
  assert.deepEqual(matchPath("/projects/:name", "/projects/shop"), { name: "shop" });
  assert.deepEqual(matchPath("/nodes/:node", "/nodes/a%2Fb"), { node: "a/b" });
  for (
    const path of ["/projects", "/projects/", "/projects/a/b", "//projects/a", "/projects/%E0"]
  ) {
    assert.equal(matchPath("/projects/:name", path), null, path);
  }
});

Deno.test("only paths of ours are led back to", () => {
  assert.equal(ownPath("/nodes?a=b"), "/nodes?a=b");
  for (
    const foreign of [
      null,
      "",
      "//evil.example",
      "https://evil.example",
      "/\\evil",
      "/a b",
      "/a\nb",
      "/.//evil.example",
      "/a/..//evil.example",
    ]
  ) assert.equal(ownPath(foreign), "/", String(foreign));
  assert.equal(ownPath("/docs?q=\u{20ac}\0x#a"), "/docs?q=%E2%82%AC%00x#a");
});
