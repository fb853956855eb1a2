/** What is wrong with a file, word for word: testdata/refused/NAME.yaml gives NAME.txt. */
import { ok, strictEqual } from "node:assert/strict";
import { formatProblem } from "./problem.ts";
import { readCompose } from "./read.ts";

const folder = new URL("./testdata/refused/", import.meta.url);
/** Set to write the answers anew; look at the difference before you commit it. */
const record = Deno.env.get("SKERRY_RECORD") === "1";

const names = [...Deno.readDirSync(folder)].map((entry) => entry.name)
  .filter((name) => name.endsWith(".yaml")).map((name) => name.slice(0, -".yaml".length)).sort();

for (const name of names) {
  Deno.test(`says what is wrong with ${name}`, () => {
    const path = `/project/${name}.yaml`;
    const result = readCompose({
      files: [{ path, text: Deno.readTextFileSync(new URL(`${name}.yaml`, folder)) }],
      projectDirectory: "/project",
      environment: {},
      profiles: ["*"],
      projectName: null,
      readFile: () => ({ kind: "missing" }),
    });
    ok(result.kind === "problems", "it was read");
    const lines = result.problems.map((problem) => {
      ok(problem.remedy !== null, formatProblem(problem));
      return `${formatProblem(problem)}\n`;
    }).join("");
    const answer = new URL(`${name}.txt`, folder);
    if (record) Deno.writeTextFileSync(answer, lines);
    strictEqual(lines, Deno.readTextFileSync(answer));
  });
}
