/** Compose files that the documentation shows are read as they stand there. */
import assert from "node:assert/strict";
import { readCompose } from "../../shared/compose/mod.ts";

const ROOT = new URL("../../", import.meta.url);

/** A part of a service stands in one; what belongs to another program is none of ours. */
function whole(example: string): string | null {
  if (/^services:/m.test(example)) return example;
  if (!/^x-skerry:/.test(example)) return null;
  return `services:\n  web:\n    image: web\n${example.replaceAll(/^/gm, "    ")}`;
}

Deno.test("every compose file that a page shows is a good one", () => {
  const pages = [...Deno.readDirSync(new URL("ui/docs/", ROOT))].map(({ name }) =>
    `ui/docs/${name}`
  );
  let count = 0;
  for (const page of ["README.md", ...pages.sort()]) {
    const text = Deno.readTextFileSync(new URL(page, ROOT));
    for (const found of text.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)) {
      const compose = whole(found[1] ?? "");
      if (compose === null) continue;
      count++;
      const result = readCompose({
        files: [{ path: `/p/${page}`, text: compose }],
        projectDirectory: "/p",
        environment: {},
        profiles: ["*"],
        projectName: "p",
        readFile: () => ({ kind: "missing" }),
      });
      assert.deepEqual(result.kind === "ok" ? [] : result.problems, [], compose);
    }
  }
  assert(count >= 4, `${count}`);
});
