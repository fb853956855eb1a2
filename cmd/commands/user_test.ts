import assert from "node:assert/strict";
import { createHarness, type Harness } from "../../control/testing/harness.ts";
import { clientOf, PASSWORD } from "../../control/testing/people.ts";
import { createFakeHost, type FakeHostOptions, idleDaemons } from "../fake_host.ts";
import { runProgram } from "../program.ts";
import { pageUrl } from "../setup_link.ts";

async function run(h: Harness, args: readonly string[], options: FakeHostOptions = {}) {
  const host = createFakeHost({
    transport: (request) => h.app.fetch(request, { kind: "root", via: "socket" }),
    ...options,
  });
  const code = await runProgram(args, host, idleDaemons);
  return { code, out: host.printed(), err: host.said() };
}

const tokenIn = (text: string) => /\/setup\/([A-Za-z0-9_-]{43})\n/.exec(text)?.[1] ?? "";

Deno.test("users by the command line: link, roles, list, reset, and the password is never said", async () => {
  await using h = await createHarness();
  const first = await run(h, ["user", "setup-link"]);
  assert.match(first.out, /^https:\/\/box\.test:7443\/setup\//);
  const nobody = clientOf(h.app, {});
  await nobody.setup({ token: tokenIn(first.out), name: "ada", password: PASSWORD });
  const again = await run(h, ["user", "setup-link"]);
  assert.equal(again.code, 1);
  assert.match(again.err, /there is an administrator already/);

  const bob = await run(h, ["user", "create", "Bob", "--role", "operator:shop", "viewer"]);
  assert.equal(bob.code, 0, bob.err);
  assert.match(bob.err, /bob may viewer, operator:shop/);
  await nobody.setup({ token: tokenIn(bob.out), password: PASSWORD });

  const input = { input: [`${PASSWORD}\n`] };
  const eve = await run(h, ["user", "create", "eve", "--password-stdin"], input);
  assert.equal(eve.code, 0, eve.err);
  assert.equal(eve.out, "");
  assert.doesNotMatch(eve.err, new RegExp(PASSWORD));
  assert.equal((await nobody.login({ name: "eve", password: PASSWORD })).me.name, "eve");

  const typed = { terminal: true, input: [`${PASSWORD}\r`, "another one\r"] };
  const differ = await run(h, ["user", "create", "dan", "--password"], typed);
  assert.equal(differ.code, 1);
  assert.match(differ.err, /the two passwords differ/);

  assert.equal((await run(h, ["user", "grant", "bob", "admin"])).code, 0);
  const list = await run(h, ["user", "list"]);
  assert.match(list.out, /ada +admin +active/);
  assert.match(list.out, /bob +admin +active/);
  assert.match(list.out, /eve +- +active/);

  assert.equal((await run(h, ["user", "disable", "eve"])).code, 0);
  await assert.rejects(nobody.login({ name: "eve", password: PASSWORD }), { code: "login_failed" });
  assert.equal((await run(h, ["user", "enable", "eve"])).code, 0);

  const reset = await run(h, ["user", "reset", "ada"]);
  await assert.rejects(nobody.login({ name: "ada", password: PASSWORD }), { code: "login_failed" });
  await nobody.setup({ token: tokenIn(reset.out), password: PASSWORD });
  assert.equal((await run(h, ["user", "delete", "ada"])).code, 0);
  assert.deepEqual((await h.api.accounts()).map(({ name }) => name), ["bob", "eve"]);
});

Deno.test("tokens by the command line: shown once, listed without their secret, revoked", async () => {
  await using h = await createHarness();
  await h.api.createAccount({
    name: "ada",
    grants: [{ role: "admin", project: null }],
    password: PASSWORD,
  });
  const own = await run(h, ["token", "create", "scrape"]);
  assert.match(own.err, /root on the box has no account.*\n.*--user/);
  const args = [
    "token",
    "create",
    "scrape",
    "--user",
    "ada",
    "--role",
    "viewer",
    "--days",
    "never",
  ];
  const made = await run(h, args);
  assert.equal(made.code, 0, made.err);
  const token = made.out.trim();
  assert.match(token, /^skt_[A-Za-z0-9_-]{43}$/);
  const api = clientOf(h.app, { token });
  assert.deepEqual((await api.me()).grants, [{ role: "viewer", project: null }]);
  const list = await run(h, ["token", "list", "--user", "ada"]);
  assert.match(list.out, /tok_\w+ +ada +scrape +viewer +never/);
  assert.doesNotMatch(list.out, /skt_/);
  const id = /tok_\w+/.exec(list.out)?.[0] ?? "";
  assert.equal((await run(h, ["token", "revoke", id, "--user", "ada"])).code, 0);
  await assert.rejects(api.me(), { code: "token_invalid" });
});

Deno.test("what is written wrongly sends nothing", async () => {
  await using h = await createHarness();
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["user", "create", "a b"], /is no name of an account/],
    [["token", "revoke", "zzz"], /"zzz" is no id of a token\n.*skerry token list/],
    [["user", "create", "ada", "--role", "boss"], /"boss" is no role/],
    [["user", "grant", "ada", "admin:Shop!"], /is no role/],
    [["user", "grant", "ada", "admin:a:b"], /is no role/],
    [["user", "create", "ada", "--password"], /--password-stdin/],
    [["token", "create", "t", "--days", "0"], /is no number of days/],
    [["token", "create", ""], /is no name of a token/],
  ];
  for (const [args, expected] of cases) {
    const { code, err } = await run(h, args);
    assert.equal(code, 2, args.join(" "));
    assert.match(err, expected);
  }
  assert.deepEqual(await h.api.accounts(), []);
});

Deno.test("the page's address is one that a browser takes", () => {
  assert.equal(pageUrl({ hostname: "192.0.2.1", port: 7443 }), "https://192.0.2.1:7443");
  assert.equal(pageUrl({ hostname: "2001:db8::1", port: 443 }), "https://[2001:db8::1]");
  assert.match(pageUrl({ hostname: "0.0.0.0", port: 7443 }), /^https:\/\/[^/]+:7443$/);
});
