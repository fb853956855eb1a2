import assert from "node:assert/strict";
import { readCompose } from "./mod.ts";

function read(context: string) {
  return readCompose({
    files: [{ path: "/p/compose.yaml", text: `services: {a: {build: "${context}"}}\n` }],
    projectDirectory: "/p",
    environment: {},
    projectName: "p",
    profiles: [],
    readFile: () => ({ kind: "missing" }),
  });
}

Deno.test("a git address is kept as it was written, a folder is made absolute", () => {
  for (
    const [written, context] of [
      ["https://example.com/a.git#main:web", "https://example.com/a.git#main:web"],
      ["./web.git", "/p/web.git"],
    ] as const
  ) {
    const result = read(written);
    assert(result.kind === "ok");
    assert.equal(result.model.services["a"]?.build?.context, context);
  }
});

Deno.test("an archive's address and a token in an address are problems with a way out", () => {
  for (
    const [written, said] of [
      ["https://example.com/a.tar.gz", /ends in \.git/],
      ["https://hunter2@example.com/a.git", /credential helper/],
    ] as const
  ) {
    const result = read(written);
    assert(result.kind === "problems");
    assert.match(result.problems.map(({ remedy }) => remedy).join(), said);
    assert.doesNotMatch(JSON.stringify(result.problems), /hunter2/);
  }
});
