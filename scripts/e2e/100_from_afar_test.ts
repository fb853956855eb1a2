/**
 * A laptop elsewhere: it logs in with the fingerprint confirmed, applies its folder, follows logs over
 * a link that drops, runs commands in containers, and is nobody again after it logged out.
 */
import assert from "node:assert/strict";
import { type Box, createBox } from "./box.ts";
import type { LabHost } from "./lab/host.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const BOX = "198.18.0.1";
const URL_OF_BOX = `https://${BOX}:7443`;
const PASSWORD = "correct horse battery staple";
const MAIN = new URL("../../cmd/main.ts", import.meta.url).pathname;

const COMPOSE = `
services:
  web:
    image: localhost/web:1
    init: true
    command: ["sh", "-c", "i=0; while sleep 0.2; do i=$$((i+1)); echo tick $$i; done & exec httpd -f -p 8080 -h /www"]
    volumes: ["./site:/www:ro"]
    x-skerry:
      health: { http: /index.html, port: 8080, interval: 1s }
`;

/** The command line on the laptop: no home, no socket, a folder for its logins. */
function laptopOf(host: LabHost) {
  const skerry = ["deno", "run", "-A", "--quiet", MAIN];
  const env = { XDG_CONFIG_HOME: `${host.dir}/config`, NO_COLOR: "1" };
  const config = `${host.dir}/config/skerry/config.json`;
  return {
    config,
    run: (args: readonly string[], options: { cwd?: string; stdin?: string } = {}) =>
      host.run([...skerry, ...args], { env, timeoutMs: 180_000, ...options }),
    spawn: (args: readonly string[]) => host.spawn([...skerry, ...args], { env }),
    /** On a terminal of its own; what is typed comes in by a pipe. */
    typed: (args: readonly string[], lines: string) =>
      host.run([
        "script",
        "--quiet",
        "--return",
        "--command",
        [...skerry, ...args].join(" "),
        "/dev/null",
      ], {
        env: { ...env, SHELL: "/bin/sh" },
        stdin: lines,
        timeoutMs: 60_000,
      }),
  };
}

/** As root on the box. */
async function api(box: Box, method: string, path: string, body: unknown = null): Promise<string> {
  const sent = body === null
    ? []
    : ["-H", "content-type: application/json", "-d", JSON.stringify(body)];
  const socket = ["--unix-socket", box.layout.controlSocket];
  return await box.host.must([
    "curl",
    "-sS",
    "--fail-with-body",
    ...socket,
    "-X",
    method,
    ...sent,
    `http://localhost${path}`,
  ]);
}

Deno.test("a laptop elsewhere", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const box = createBox(lab.host("box"));
  const laptop = laptopOf(lab.host("laptop"));
  const must = async (args: readonly string[], options: { cwd?: string; stdin?: string } = {}) => {
    const { code, stdout, stderr } = await laptop.run(args, options);
    assert.equal(code, 0, `skerry ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  };
  const refused = async (
    args: readonly string[],
    why: RegExp,
    options: { cwd?: string; stdin?: string } = {},
  ) => {
    const { code, stdout, stderr } = await laptop.run(args, options);
    assert.notEqual(code, 0, `skerry ${args.join(" ")}`);
    assert.match(stdout + stderr, why);
  };
  const folder = `${lab.host("laptop").dir}/shop`;
  try {
    let up = await box.start();
    await box.image("web:1");
    await api(box, "POST", "/api/v1/accounts", {
      name: "anna",
      grants: [{ role: "admin", project: null }],
      password: PASSWORD,
    });
    const shown: { fingerprint: string } = JSON.parse(await box.must(["ca", "show", "-o", "json"]));
    const fingerprint = shown.fingerprint.replaceAll(":", "");
    const login = ["login", URL_OF_BOX, "--name", "box", "-u", "anna", "--password-stdin"];

    await test.step("without a socket and a login the error names both ways", async () => {
      await refused(["get", "services"], /skerry up.*skerry login/s);
    });

    await test.step("an authority that is not the one that was named gets no password", async () => {
      const wrong = fingerprint.replace(/^./, (digit) => (digit === "0" ? "1" : "0"));
      await refused([...login, "--fingerprint", wrong], /does not show the authority/, {
        stdin: PASSWORD,
      });
      await refused(login, /there is no terminal to confirm it/, { stdin: PASSWORD });
      await refused([...login, "--fingerprint", fingerprint], /./, { stdin: "wrong" });
      await assert.rejects(Deno.stat(laptop.config));
    });

    await test.step("shown, confirmed and logged in on a terminal", async () => {
      const { code, stdout } = await laptop.typed(
        ["login", URL_OF_BOX, "--name", "box"],
        `yes\nanna\n${PASSWORD}\n`,
      );
      assert.equal(code, 0, stdout);
      assert.ok(stdout.includes(shown.fingerprint), stdout);
      assert.equal(((await Deno.stat(laptop.config)).mode ?? 0) & 0o777, 0o600);
      assert.match(await must(["context", "list"]), /\* +box +https:\/\/198\.18\.0\.1:7443 +anna/);
      await must(["logout"]);
      await must([...login, "--fingerprint", fingerprint], { stdin: PASSWORD });
    });

    await test.step("a folder is applied from the laptop; its read-only files travel", async () => {
      await Deno.mkdir(`${folder}/site`, { recursive: true });
      await Deno.writeTextFile(`${folder}/compose.yaml`, COMPOSE);
      await Deno.writeTextFile(`${folder}/site/index.html`, "from the laptop\n");
      await must(["apply", "--wait"], { cwd: folder });
      assert.match(await must(["get", "services"], { cwd: folder }), /web/);
      assert.equal(
        await must(["exec", "-T", "web", "--", "cat", "/www/index.html"], { cwd: folder }),
        "from the laptop\n",
      );
    });

    await test.step("a folder that is written to is refused, with the volume to write", async () => {
      await Deno.writeTextFile(
        `${folder}/bad.yaml`,
        COMPOSE.replace("./site:/www:ro", "./site:/www"),
      );
      await refused(["apply", "-f", "bad.yaml"], /may write to it.*site:\/www/s, { cwd: folder });
    });

    await test.step("exec hands standard input on, and the exit code back; and a terminal", async () => {
      const piped = await laptop.run([
        "exec",
        "-T",
        "-p",
        "shop",
        "web",
        "--",
        "sh",
        "-c",
        "wc -c; exit 7",
      ], { stdin: "x".repeat(300_000) });
      assert.deepEqual([piped.code, piped.stdout.trim()], [7, "300000"], piped.stderr);
      const typed = await laptop.typed(["exec", "-p", "shop", "web", "--", "tty"], "");
      assert.match(typed.stdout, /\/dev\/pts\/\d/);
    });

    await test.step("logs are followed over a link that drops and comes back, each line once", async () => {
      const following = laptop.spawn(["logs", "-f", "-p", "shop", "web"]);
      await following.waitFor(/tick \d+/, 60_000);
      const before = following.text().match(/tick \d+/g)?.length ?? 0;
      const table =
        "table ip lab { chain input { type filter hook input priority 0; tcp dport 7443 drop; }; };";
      await box.host.must(["nft", table]);
      // The server ends it in time where nothing of it is taken; here it is cut for good at once.
      await box.host.must(["ss", "--kill", "state", "established", "sport = :7443"]);
      await box.host.must(["nft", "delete table ip lab"]);
      await until(
        "the log to go on",
        () => Promise.resolve((following.text().match(/tick \d+/g)?.length ?? 0) > before + 20),
        150_000,
      );
      const ticks = following.text().match(/tick \d+/g) ?? [];
      assert.equal(new Set(ticks).size, ticks.length);
      await following.stop();
    });

    await test.step("certificates are renewed under open streams; the pin holds", async () => {
      const following = laptop.spawn(["logs", "-f", "-p", "shop", "web"]);
      await following.waitFor(/tick \d+/, 60_000);
      const leaf = async () =>
        (JSON.parse(await must(["certificate", "show", "-o", "json"]))).own.fingerprint;
      const first = await leaf();
      await Deno.remove(`${box.layout.certificatesDir}/page/current.json`);
      await until("another certificate", async () => await leaf() !== first, 90_000);
      const count = following.text().match(/tick/g)?.length ?? 0;
      await until(
        "the log to go on",
        () => Promise.resolve((following.text().match(/tick/g)?.length ?? 0) > count + 3),
        30_000,
      );
      assert.doesNotMatch(following.text(), /does not answer/);
      await following.stop();
    });

    await test.step("a config that others can read, or that is damaged, is refused", async () => {
      const good = await Deno.readTextFile(laptop.config);
      await Deno.chmod(laptop.config, 0o644);
      await refused(["get", "services"], /others may read.*chmod 600/s);
      await Deno.chmod(laptop.config, 0o600);
      await Deno.writeTextFile(laptop.config, good.slice(0, -20));
      await refused(["get", "services"], /cannot be understood/);
      await Deno.writeTextFile(laptop.config, good);
    });

    await test.step("a token that has ended, and one that was revoked, are nobody's", async () => {
      const good = await Deno.readTextFile(laptop.config);
      await must(["logout"]);
      await Deno.writeTextFile(laptop.config, good);
      await refused(["get", "services"], /does not take the login.*skerry login/s);
      const { status } = JSON.parse(
        await lab.host("laptop").must([
          ...["curl", "-sk", "-H", `authorization: Bearer ${JSON.parse(good).contexts.box.token}`],
          `${URL_OF_BOX}/api/v1/services`,
        ]),
      );
      assert.equal(status, 401);
      await must(["context", "remove", "box"]);
    });

    await test.step("a box that shows another authority is refused, loudly", async () => {
      await must([...login, "--fingerprint", fingerprint], { stdin: PASSWORD });
      await up.stop();
      await Deno.remove(box.layout.certificatesDir, { recursive: true });
      up = await box.start();
      await until(
        "the page",
        async () =>
          (await lab.host("laptop").run(["curl", "-sk", `${URL_OF_BOX}/api/v1/ca.pem`])).code === 0,
        30_000,
      );
      await refused(["get", "services"], /HAS CHANGED.*skerry context remove box/s);
    });
  } catch (thrown) {
    throw new Error(box.text().slice(-6_000), { cause: thrown });
  } finally {
    await box.close();
  }
});
