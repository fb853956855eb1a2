import assert from "node:assert/strict";
import { formatProblem } from "./problem.ts";
import { readCompose } from "./read.ts";

Deno.test("a port's name that DNS cannot carry is kept, and said so at its place", () => {
  const read = (name: string) =>
    readCompose({
      files: [{
        path: "/f/compose.yaml",
        text: `services:\n  a:\n    image: x\n    ports: [{ target: 80, name: ${name} }]\n`,
      }],
      projectDirectory: "/f",
      environment: {},
      profiles: [],
      projectName: "p",
      readFile: () => ({ kind: "missing" }),
    });
  for (const [name, told] of [["http", false], ["Web-1", false], ["web_ui", true], ["-a", true]]) {
    const result = read(String(name));
    assert.ok(result.kind === "ok");
    assert.equal(result.model.services["a"]?.ports?.[0]?.name, name);
    const notes = result.notes.map(formatProblem);
    assert.equal(notes.length, told ? 1 : 0, String(name));
    if (told) {
      assert.match(notes[0] ?? "", /^\/f\/compose.yaml:4:\d+: no SRV record tells the port /);
    }
  }
});
