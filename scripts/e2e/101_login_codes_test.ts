/**
 * `skerry login` from afar of an account with one-time codes; and tokens that hold no more: each
 * refusal names the command that helps.
 */
import assert from "node:assert/strict";
import { codeOf } from "../../control/accounts/totp.ts";
import { createBox } from "./box.ts";
import { createFakeTime } from "./lab/fake_time.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";
import { overSocket } from "./socket_api.ts";

const BOX = "198.18.0.1";
const URL_OF_BOX = `https://${BOX}:7443`;
const PASSWORD = "correct horse battery staple";
const MAIN = new URL("../../cmd/main.ts", import.meta.url).pathname;
const DAY_MS = 86_400_000;

/** RFC 4648, without padding. */
function bytesOfBase32(text: string): Uint8Array<ArrayBuffer> {
  const bits = [...text].map((each) =>
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(each).toString(2).padStart(5, "0")
  ).join("");
  return Uint8Array.from(bits.match(/[01]{8}/g) ?? [], (each) => parseInt(each, 2));
}

/** A program on a terminal of its own: each answer is typed once its question stands there. */
async function typed(
  argv: readonly string[],
  dialogue: readonly (readonly [RegExp, string | (() => string)])[],
): Promise<{ code: number; text: string }> {
  const [program = "", ...args] = argv;
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
  })();
  const writer = child.stdin.getWriter();
  let from = 0;
  for (const [question, answer] of dialogue) {
    await until(`the question ${question}, after:\n${text}`, () => {
      const found = question.exec(text.slice(from));
      if (found !== null) from += found.index + found[0].length;
      return Promise.resolve(found !== null);
    }, 60_000);
    const said = typeof answer === "string" ? answer : answer();
    await writer.write(new TextEncoder().encode(`${said}\n`));
  }
  const { code } = await child.status;
  await writer.close().catch(() => undefined);
  await reading;
  return { code, text };
}

Deno.test("logins with one-time codes, and tokens that hold no more", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const box = createBox(lab.host("box"));
  const laptop = lab.host("laptop");
  const skerry = ["deno", "run", "-A", "--quiet", MAIN];
  const env = { XDG_CONFIG_HOME: `${laptop.dir}/config`, NO_COLOR: "1" };
  const config = `${laptop.dir}/config/skerry/config.json`;
  const run = (args: readonly string[], stdin = "") =>
    laptop.run([...skerry, ...args], { env, stdin, timeoutMs: 60_000 });
  const must = async (args: readonly string[], stdin = "") => {
    const { code, stdout, stderr } = await run(args, stdin);
    assert.equal(code, 0, `skerry ${args.join(" ")}\n${stdout}${stderr}`);
    return stdout;
  };
  const refused = async (args: readonly string[], why: RegExp, stdin = "") => {
    const { code, stdout, stderr } = await run(args, stdin);
    assert.notEqual(code, 0, `skerry ${args.join(" ")}`);
    assert.match(stdout + stderr, why);
    assert.doesNotMatch(stdout + stderr, /^\s*at /m);
  };
  /** As whom the laptop is logged in, by the API itself. */
  const ask = async (method: string, path: string, body: unknown) => {
    const { contexts } = JSON.parse(await Deno.readTextFile(config));
    return JSON.parse(
      await laptop.must([
        ...["curl", "-sk", "--fail-with-body", "-X", method],
        ...["-H", `authorization: Bearer ${contexts.box.token}`],
        ...["-H", "content-type: application/json", "-d", JSON.stringify(body)],
        `${URL_OF_BOX}${path}`,
      ]),
    );
  };
  try {
    const clock = await createFakeTime(`${box.host.dir}/clock`);
    await box.start("up", clock.under);
    await overSocket(box.layout, async (api) => {
      const grants = [{ role: "admin" as const, project: null }];
      await api.createAccount({ name: "anna", grants, password: PASSWORD });
      // Codes of some minutes are taken, so that nothing here waits for the next one.
      const settings = await api.loginSettings();
      await api.setLoginSettings({ ...settings, totpWindowSteps: 20 });
    });
    const { fingerprint } = JSON.parse(await box.must(["ca", "show", "-o", "json"]));
    const login = [
      ...["login", URL_OF_BOX, "--name", "box", "-u", "anna"],
      ...["--fingerprint", fingerprint.replaceAll(":", "")],
    ];
    const piped = [...login, "--password-stdin"];
    await must(piped, `${PASSWORD}\n`);
    const { secret } = await ask("POST", "/api/v1/me/totp", { password: PASSWORD });
    const key = bytesOfBase32(secret);
    /** Of a time step each that was not used yet. */
    let step = Math.floor(Date.now() / 30_000) - 10;
    const next = () => codeOf(key, ++step);
    const { codes } = await ask("PUT", "/api/v1/me/totp", { code: next() });

    await test.step("where nobody is asked, the refusal names the flag", async () => {
      await refused(piped, /asks for a one-time code.*--code CODE.*--code-stdin/s, PASSWORD);
      await refused([...login, "--code-stdin"], /--code-stdin goes with --password-stdin/);
      await refused([...piped, "--code-stdin"], /two lines/, PASSWORD);
    });

    await test.step("by a flag and by standard input; each code once", async () => {
      const code = next();
      await must([...piped, "--code", code], PASSWORD);
      await refused([...piped, "--code", code], /wrong, or was used already.*next one/s, PASSWORD);
      const later = next();
      await must([...piped, "--code-stdin"], `${PASSWORD}\n${later}\n`);
      await refused([...piped, "--code-stdin"], /used already/, `${PASSWORD}\n${later}\n`);
      await refused([...piped, "--code", "000000"], /one-time code is wrong/, PASSWORD);
      assert.match(await must(["get", "nodes"]), /box/);
    });

    await test.step("a recovery code does as well, once", async () => {
      await must([...piped, "--code", codes[0]], PASSWORD);
      await refused([...piped, "--code", codes[0]], /used already/, PASSWORD);
    });

    await test.step("on a terminal the code is asked for, and again when it is wrong", async () => {
      const command = [
        ...[...laptop.enter, "env", `XDG_CONFIG_HOME=${env.XDG_CONFIG_HOME}`, "NO_COLOR=1"],
        ...["SHELL=/bin/sh", "script", "--quiet", "--return", "--command"],
        ...[[...skerry, ...login].join(" "), "/dev/null"],
      ];
      const { code, text } = await typed(command, [
        [/Password of anna/, PASSWORD],
        [/One-time code/, "000000"],
        [/does not hold[^]*One-time code/, next],
      ]);
      assert.equal(code, 0, text);
      assert.match(text, /logged in to .* as anna/);
      assert.match(await must(["get", "nodes"]), /box/);
    });

    const helps = /does not take the login.*skerry login https:\/\/198\.18\.0\.1:7443 --name box/s;

    await test.step("a token that root revoked on the box", async () => {
      await must(["get", "nodes"]);
      await overSocket(box.layout, async (api) => {
        for (const { id } of await api.tokens("anna")) await api.deleteToken(id, "anna");
      });
      await refused(["get", "nodes"], helps);
      await refused(["logs", "-f", "-p", "shop"], helps);
    });

    await test.step("a token whose time is over", async () => {
      await must([...piped, "--code", next()], PASSWORD);
      const token = await must(["token", "create", "ci", "--days", "2"]);
      await must([...login.slice(0, 4), ...login.slice(6), "--token-stdin"], token);
      await clock.set(3 * DAY_MS);
      await until("the token to end", async () => (await run(["get", "nodes"])).code !== 0, 60_000);
      await refused(["get", "nodes"], helps);
    });

    await test.step("a token that never was one", async () => {
      const other = ["login", URL_OF_BOX, "--name", "other", ...login.slice(6), "--token-stdin"];
      await refused(other, /token/, "nothing of the kind");
      await refused(other, /skerry login|skerry token create/, `skt_${"x".repeat(43)}`);
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-4_000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
