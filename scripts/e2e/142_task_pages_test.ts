/** The task pages of the documentation, tried on a box: what they say to type, in their order. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";

const DOCS = new URL("../../ui/docs/", import.meta.url);
const MAIN = new URL("../../cmd/main.ts", import.meta.url).pathname;

const COMPOSE = `
name: shop
services:
  web:
    image: registry.example/web:1.4
    init: true
    stop_grace_period: 1s
    command: ["busybox", "httpd", "-f", "-p", "8080", "-h", "/"]
    x-skerry: { health: { http: /, port: 8080, interval: 1s } }
  backup:
    image: registry.example/backup:3
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "sleep 2; echo saved"]
    volumes: ["data:/data:ro"]
    x-skerry: { schedule: "0 3 * * *" }
  worker:
    image: registry.example/web:1.4
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
volumes: { data: {} }
`;

/** Python: a command in a terminal, and an answer to each question that it asks there. */
const TERMINAL = `import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp("sh", ["sh", "-c", sys.argv[1]])
answers = sys.argv[2:]
while True:
    try:
        said = os.read(terminal, 4096)
    except OSError:
        break
    sys.stdout.write(said.decode())
    if said.rstrip().endswith(b":") and answers:
        os.write(terminal, answers.pop(0).encode() + b"\\r")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;
const typed = (command: string, ...answers: readonly string[]) =>
  `python3 -c '${TERMINAL}' '${command}' ${answers.map((each) => `'${each}'`).join(" ")}`;

/**
 * The pages, and lines that need something of their reader: a number that only the box knows, an
 * answer, a name that another machine has.
 */
const PAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "change-and-undo.md": {
    "skerry rollout undo --to 12 --plan": "skerry rollout undo --to 1 --plan",
    "skerry delete -p shop --purge": typed("skerry delete -p shop --purge", "shop"),
  },
  "secrets.md": {
    "skerry secret set db_password": typed("skerry secret set db_password", "one word", "one word"),
  },
  "jobs.md": {
    "skerry job stop backup 12": "skerry job stop backup $(skerry job run backup)",
    "skerry logs backup --run 12": "skerry logs backup --run 1",
  },
  "users.md": {
    'curl -sf --cacert skerry-ca.crt -H "Authorization: Bearer $(cat token)" https://box:7443/api/v1/services':
      'curl -sf --cacert skerry-ca.crt -H "Authorization: Bearer $(cat token)" ' +
      "https://localhost:7443/api/v1/services",
  },
  "offline.md": {},
};

/** What a page says to type, without what it says of it; a block without a language is a list too. */
function linesOf(page: string): string[] {
  let language: string | null = null;
  return page.split("\n").flatMap((line) => {
    const fence = /^```(\w*)$/.exec(line)?.[1];
    if (fence !== undefined) language = language === null ? fence : null;
    if (fence !== undefined || language !== "sh" && language !== "") return [];
    const command = line.split(/\s{2,}(?=\S)/)[0]?.replace(/ +#.*$/, "") ?? "";
    return command === "" ? [] : [command];
  });
}

Deno.test("what the task pages say to type works", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const host = lab.host("box");
  const box = createBox(host, {});
  try {
    await box.start();
    await box.image("web:1", { "index.html": "shop" });
    for (const name of ["web:1.4", "web:1.5", "backup:3"]) {
      await box.podman.must(["tag", "localhost/web:1", `registry.example/${name}`]);
    }
    const folder = await box.project("shop", COMPOSE);
    await Deno.mkdir(`${host.dir}/bin`);
    await Deno.writeTextFile(
      `${host.dir}/bin/skerry`,
      `#!/bin/sh\nexec deno run -A --quiet ${MAIN} "$@"\n`,
      { mode: 0o755 },
    );
    await Deno.writeTextFile(`${folder}/password.txt`, "a password\n");
    const env = {
      ...box.env,
      PATH: `${host.dir}/bin:${Deno.env.get("PATH")}`,
    };
    for (const [name, own] of Object.entries(PAGES)) {
      const page = await Deno.readTextFile(new URL(name, DOCS));
      const lines = linesOf(page);
      for (const line of Object.keys(own)) {
        assert(lines.includes(line), `${name} no longer says "${line}"`);
      }
      await box.run(["apply", "--wait"], { cwd: folder });
      for (const line of lines) {
        await test.step(`${name}: ${line}`, async () => {
          const done = await host.run(["sh", "-euc", own[line] ?? line], {
            env,
            cwd: folder,
            timeoutMs: 180_000,
          });
          assert.equal(done.code, 0, `${done.stdout}\n${done.stderr}`);
        });
      }
    }
  } finally {
    await box.close();
  }
});
