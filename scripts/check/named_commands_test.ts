import assert from "node:assert/strict";
import { commandFault, namedInPage, namedInSource, programCommands } from "./named_commands.ts";

const ROOT = new URL("../../", import.meta.url);

function* filesOf(folder: URL): Generator<URL> {
  for (const entry of Deno.readDirSync(folder)) {
    const at = new URL(`${entry.name}${entry.isDirectory ? "/" : ""}`, folder);
    if (entry.isDirectory) {
      if (entry.name !== "testdata" && entry.name !== "testing") yield* filesOf(at);
    } else if (/\.tsx?$|\.md$/.test(entry.name) && !/_test\.tsx?$/.test(entry.name)) {
      yield at;
    }
  }
}

Deno.test("each command that a text says to type is there, with the flags that it names", () => {
  const program = programCommands();
  const faults: string[] = [];
  let count = 0;
  const roots = ["agent/", "cmd/", "control/", "shared/", "ui/"].map((name) => new URL(name, ROOT));
  for (const file of [...roots.flatMap((root) => [...filesOf(root)]), new URL("README.md", ROOT)]) {
    const text = Deno.readTextFileSync(file);
    const isPage = file.pathname.endsWith(".md");
    const named = isPage ? namedInPage(text) : namedInSource(text);
    for (const { text, line } of named) {
      count++;
      const fault = commandFault(program, text, isPage);
      const path = file.pathname.slice(ROOT.pathname.length);
      if (fault !== null) faults.push(`${path}:${line}: skerry ${text}\n    ${fault}`);
    }
  }
  assert.deepEqual(faults.join("\n"), "");
  assert.ok(count > 300, `${count}`);
});

Deno.test("a command, subcommand or flag that is not there is found, in texts of any form", () => {
  const program = programCommands();
  const faults = (source: string) =>
    namedInSource(source).map(({ text, line }) => [line, commandFault(program, text)]);
  const groups = "services, containers, nodes, volumes, routes, networks, jobs, projects, releases";
  assert.deepEqual(faults("/** Says `skerry nothing`. */\n// skerry nothing"), []);
  assert.deepEqual(
    faults(
      'const a = "x; run `skerry get boxes`, or " +\n  "skerry volume " +\n  `rm ${a} --force`;',
    ),
    [[1, `"get" has no "boxes", but ${groups}`], [1, '"rm" has no --force']],
  );
  assert.match(
    `${faults("f(`\\`skerry frob ${a}\\` does it`);")[0]?.[1]}`,
    /no "frob", but apply,/,
  );
  assert.deepEqual(faults("<Command>skerry user</Command>"), [[1, '"user" says nothing alone']]);
  const right =
    '"skerry answers; skerry logs -f web -n 3, then skerry get ${x}s: sudo skerry ca show"';
  assert.deepEqual(faults(right).map(([, fault]) => fault), [null, null, null, null]);
  assert.deepEqual(
    namedInPage("Say `skerry get`.\n```sh\nskerry logs -f # all\n```\nNo code: skerry x"),
    [{ text: "get", line: 1 }, { text: "logs -f", line: 3 }],
  );
});
