import assert from "node:assert/strict";
import { RULES, violations } from "./rules.ts";
import { markupFaults } from "./markup.ts";
import { codeOnly, ownImports, readSources, type Source } from "./sources.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");
const sources = await readSources(root);

for (const rule of RULES) {
  Deno.test(`the tree: ${rule.name}`, () => {
    assert.deepEqual(violations(sources, rule), []);
  });
}

Deno.test("there are sources in every room", () => {
  const rooms = new Set(sources.map((source) => source.path.split("/")[0]));
  for (const room of ["agent", "cmd", "control", "shared", "scripts"]) {
    assert(rooms.has(room), room);
  }
});

/** What each rule must find. */
const OFFENDERS: Readonly<Record<string, Source>> = {
  "shared imports nothing of ours": {
    path: "shared/a.ts",
    text: `import type { X } from "../agent/x.ts";`,
  },
  "control and agent never import each other": {
    path: "control/jobs/a.ts",
    text: `const x = await import("../../agent/x.ts");`,
  },
  "only cmd and scripts import cmd": { path: "agent/a.ts", text: `export * from "../cmd/x.ts";` },
  "nothing imports scripts": { path: "cmd/a.ts", text: `import "../scripts/x.ts";` },
  "ui imports shared alone": { path: "ui/a.tsx", text: `import { x } from "../control/x.ts";` },
  "only control/web imports ui": { path: "control/a.ts", text: `import { x } from "../ui/x.tsx";` },
  "drivers know no facets": {
    path: "agent/drivers/podman/a.ts",
    text: `import {\n  x,\n} from "../../facets/containers/x.ts";`,
  },
  "drivers do not import each other": {
    path: "agent/drivers/podman/a.ts",
    text: `import { x } from "../traefik/x.ts";`,
  },
  "pure modules touch no machine, clock or chance": {
    path: "agent/facets/names/plan.ts",
    text: "const at = `${Date.now()}`;",
  },
  "SQL stands in the stores alone": {
    path: "control/jobs/a.ts",
    text: 'db.prepare("SELECT id FROM node")',
  },
  "no command goes through a shell": {
    path: "agent/a.ts",
    text: `new Deno.Command("/bin/sh", { args: ["-c", x] })`,
  },
  "only cmd/main.ts ends the process": { path: "cmd/up.ts", text: "if (x) Deno.exit(1);" },
  "the compiler is not silenced": { path: "agent/a.ts", text: "x as unknown as Y" },
  "markup holds what browsers know and the policy lets in": {
    path: "ui/a.tsx",
    text: `const a = <dvi style="color: red">x</dvi>;`,
  },
  "client modules import their neighbours alone": {
    path: "ui/client/a.ts",
    text: `import { x } from "../text/x.ts";`,
  },
  "raw markup stands in the frame alone": {
    path: "ui/pages/a.tsx",
    text: `import { raw } from "hono/html";`,
  },
  "no test is left out": { path: "agent/a_test.ts", text: "Deno.test.only(() => {})" },
  "files are named after what they are": { path: "agent/utils.ts", text: "" },
  "files stay readable in one sitting": { path: "agent/a.ts", text: "x\n".repeat(401) },
};

for (const rule of RULES) {
  Deno.test(`finds an offender: ${rule.name}`, () => {
    const offender = OFFENDERS[rule.name];
    assert(offender !== undefined, "give this rule an offender in OFFENDERS");
    const found = violations([offender], rule);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", new RegExp(`^${offender.path}: .*\\(`));
  });
}

Deno.test("words in comments and strings are no code", () => {
  const text = `// Deno.exit(1)\nconst a = "Date.now";\n/* Math.random\n */ b();`;
  assert.doesNotMatch(codeOnly(text), /Deno|Date|Math/);
  assert.match(codeOnly(text), /b\(\)/);
  assert.equal(codeOnly(text).split("\n").length, text.split("\n").length);
});

Deno.test("imports are found in all their forms", () => {
  const text = `import a from "./a.ts";\nimport "../b.ts";\nexport type { C } from "../c/c.ts";\n` +
    `new Worker(new URL("./w.ts", import.meta.url));\nimport z from "zod";\n// from "./no.ts"`;
  assert.deepEqual(ownImports({ path: "x/y/f.ts", text }), [
    "x/b.ts",
    "x/c/c.ts",
    "x/y/a.ts",
    "x/y/w.ts",
  ]);
});

Deno.test("a literal of markup that would be escaped twice is found", () => {
  const faults = (text: string) => markupFaults(text).length;
  assert.deepEqual(faults(`<Command>\n  {"a && b"}\n</Command>`), 1);
  assert.deepEqual(faults('<Command>\n  {`a && b`}{" "}\n</Command>'), 0);
  assert.deepEqual(faults(`<Field label={"it's"} />`), 0);
});
