/** A service built from a git address: its commit is told, layers that did not change are kept. */
import assert from "node:assert/strict";
import { createRunCommand } from "../../shared/command.ts";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

Deno.test("a service built from a git address", async () => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const host = lab.host("box");
  const box = createBox(host);
  const run = createRunCommand();
  const top = await Deno.makeTempDir();
  try {
    await box.start();
    await until("Podman's socket", () => box.image("web:1").then(() => true, () => false), 60_000);
    const repo = `${top}/app.git`;
    const git = async (...args: string[]) => {
      const { code, stdout, stderr } = await run([
        "git",
        "-C",
        repo,
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@e",
        ...args,
      ]);
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    await Deno.mkdir(`${repo}/web`, { recursive: true });
    await Deno.writeTextFile(
      `${repo}/web/Dockerfile`,
      "FROM localhost/web:1\nRUN echo slow > /slow\nCOPY part /part\n",
    );
    await Deno.writeTextFile(`${repo}/web/part`, "one\n");
    await git("init", "-q", "-b", "main");
    await git("add", ".");
    await git("commit", "-qm", "1");
    host.spawn([
      "git",
      "daemon",
      "--export-all",
      `--base-path=${top}`,
      "--listen=127.0.0.1",
      "--reuseaddr",
    ]);
    const folder = await box.project(
      "fromgit",
      `
name: fromgit
services:
  app:
    build: git://127.0.0.1/app.git#main:web
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
`,
    );
    for (const word of ["one", "two"]) {
      if (word === "two") {
        await Deno.writeTextFile(`${repo}/web/part`, "two\n");
        await git("commit", "-qam", "2");
      }
      const { code, stdout, stderr } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 0, stdout + stderr);
      assert.match(stderr, new RegExp(await git("rev-parse", "HEAD")));
      assert.equal(/Using cache/.test(stderr), word === "two", stderr);
      assert.equal(
        (await box.must(["exec", "-p", "fromgit", "app", "--", "cat", "/part"])).trim(),
        word,
      );
    }
    const again = await box.run(["plan"], { cwd: folder });
    assert.match(again.stdout, /nothing changes/);
    assert.match(again.stderr, new RegExp(await git("rev-parse", "HEAD")));
  } finally {
    await box.close();
    await Deno.remove(top, { recursive: true });
  }
});
