import assert from "node:assert/strict";
import { ProjectName } from "../../shared/model/service_spec.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import {
  ask,
  clientOf,
  cookieFrom,
  createPerson,
  jsonInit,
  logIn,
  PAGE_ORIGIN,
  PASSWORD,
} from "../testing/people.ts";
import { createPasswords } from "./passwords.ts";
import { codeOf, stepAt } from "./totp.ts";

const HOUR = 3_600_000;
const SHOP = ProjectName.parse("shop");

async function codeAt(h: Harness, path: string, init: RequestInit, asking = {}): Promise<string> {
  const response = await ask(h.app, path, init, asking);
  const text = await response.text();
  if (response.status < 400) return String(response.status);
  return `${response.status} ${JSON.parse(text).code}`;
}

const me = (h: Harness, cookie: string) => codeAt(h, "/api/v1/me", {}, { cookie });
const tryLogin = (h: Harness, name: string, password: string, more = {}, asking = {}) =>
  codeAt(h, "/api/v1/login", jsonInit("POST", { name, password, ...more }), asking);

/** A secret as it was shown, as bytes. */
function fromBase32(text: string): Uint8Array {
  let bits = "";
  for (const letter of text) {
    bits += "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0");
  }
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => parseInt(byte, 2));
}

Deno.test("the first administrator is made by a link, once, and logs in with a cookie for this host alone", async () => {
  await using h = await createHarness();
  const nobody = clientOf(h.app, {});
  assert.deepEqual(await nobody.loginState(), { ready: false });
  const old = h.app.createSetupLink();
  const link = h.app.createSetupLink();
  assert.ok(old !== null && link !== null);
  assert.match(link.path, /^\/setup\/[A-Za-z0-9_-]{43}$/);
  const setUp = (token: string, more = {}) =>
    codeAt(
      h,
      "/api/v1/setup",
      jsonInit("POST", { token, name: "Ada", password: PASSWORD, ...more }),
    );
  assert.equal(await setUp(old.token), "403 link_refused", "the one before is replaced");
  assert.equal(await setUp("x".repeat(43)), "403 link_refused");
  assert.equal(await setUp(link.token, { password: "short" }), "422 password_weak");
  assert.deepEqual(await nobody.lookAtLink(link.token), {
    kind: "first_admin",
    name: null,
    expiresAt: link.expiresAt,
  });
  const made = await ask(
    h.app,
    "/api/v1/setup",
    jsonInit("POST", { token: link.token, name: " Ada ", password: PASSWORD }),
  );
  assert.equal(made.status, 200);
  const header = made.headers.get("set-cookie") ?? "";
  assert.match(
    header,
    /^__Host-skerry=[A-Za-z0-9_-]{43}; Path=\/; Max-Age=604800; Secure; HttpOnly; SameSite=Strict$/,
  );
  await made.body?.cancel();
  assert.equal(await setUp(link.token), "403 link_refused", "it is used up");
  assert.equal(h.app.createSetupLink(), null);
  await assert.rejects(h.api.createSetupLink(), { code: "set_up_already" });
  assert.deepEqual(await nobody.loginState(), { ready: true });
  const ada = await clientOf(h.app, { cookie: cookieFrom(made) }).me();
  assert.equal(ada.name, "ada");
  assert.deepEqual(ada.grants, [{ role: "admin", project: null }]);
  assert.equal((await h.api.me()).by, "root");
});

Deno.test("a link that is too old, or whose account was reset again, is refused", async () => {
  await using h = await createHarness();
  const link = h.app.createSetupLink();
  assert.ok(link !== null);
  h.clock.advance(25 * HOUR);
  const setUp = (token: string) =>
    codeAt(h, "/api/v1/setup", jsonInit("POST", { token, name: "ada", password: PASSWORD }));
  assert.equal(await setUp(link.token), "403 link_refused");
  const { link: invited } = await h.api.createAccount({ name: "bob", grants: [] });
  assert.ok(invited !== null);
  assert.equal((await clientOf(h.app, {}).lookAtLink(invited.token)).name, "bob");
  const again = await h.api.resetAccount("bob");
  assert.equal(await setUp(invited.token), "403 link_refused");
  assert.equal(await setUp(again.token), "200");
  assert.equal((await h.api.accounts()).map(({ name }) => name).join(), "bob");
  assert.equal(await tryLogin(h, "BOB", PASSWORD), "200");
});

Deno.test("a wrong name, a wrong password and a disabled account look the same", async () => {
  await using h = await createHarness();
  await createPerson(h, "ada", [{ role: "admin", project: null }]);
  await createPerson(h, "bob", []);
  await h.api.setAccountDisabled("bob", true);
  const answers = new Set<string>();
  for (
    const [name, password] of [["ada", "not this one"], ["eve", PASSWORD], ["bob", PASSWORD], [
      "",
      "x",
    ], ["a b\n", "x"]]
  ) {
    const response = await ask(h.app, "/api/v1/login", jsonInit("POST", { name, password }));
    assert.equal(response.status, 401);
    answers.add(await response.text());
  }
  assert.equal(answers.size, 1);
  await h.api.setAccountDisabled("bob", false);
  assert.equal(await tryLogin(h, "bob", PASSWORD), "200");
});

Deno.test("a session ends with its logout, with another password, a reset, and with its time", async () => {
  await using h = await createHarness();
  const ada = await createPerson(h, "ada", [{ role: "admin", project: null }]);
  const other = await logIn(h.app, "ada");
  assert.equal((await ada.api.sessions()).length, 2);
  await ada.api.logout();
  assert.equal(await me(h, ada.cookie), "401 not_logged_in");
  assert.equal(await me(h, other), "200");

  const third = await logIn(h.app, "ada");
  const next = "another sentence here";
  await assert.rejects(
    clientOf(h.app, { cookie: third }).setPassword({ current: "wrong", password: next }),
    { code: "password_wrong" },
  );
  await clientOf(h.app, { cookie: third }).setPassword({ current: PASSWORD, password: next });
  assert.equal(await me(h, third), "200", "the one that changed it goes on");
  assert.equal(await me(h, other), "401 not_logged_in");
  assert.equal(await tryLogin(h, "ada", PASSWORD), "401 login_failed");

  await h.api.resetAccount("ada");
  assert.equal(await me(h, third), "401 not_logged_in");
  assert.equal(await tryLogin(h, "ada", next), "401 login_failed");

  const bob = await createPerson(h, "bob", []);
  h.clock.advance(11 * HOUR);
  assert.equal(await me(h, bob.cookie), "200");
  h.clock.advance(13 * HOUR);
  assert.equal(await me(h, bob.cookie), "401 not_logged_in", "nobody used it");
  const used = await logIn(h.app, "bob");
  for (let hours = 0; hours < 7 * 24 - 6; hours += 6) {
    h.clock.advance(6 * HOUR);
    assert.equal(await me(h, used), "200");
  }
  h.clock.advance(6 * HOUR);
  assert.equal(await me(h, used), "401 not_logged_in", "it ends however much it is used");
});

Deno.test("a login gives another session and ends the one that the browser had; only over TLS is it taken", async () => {
  await using h = await createHarness();
  const ada = await createPerson(h, "ada", []);
  const response = await ask(
    h.app,
    "/api/v1/login",
    jsonInit("POST", { name: "ada", password: PASSWORD }),
    { cookie: ada.cookie },
  );
  await response.body?.cancel();
  const fresh = cookieFrom(response);
  assert.notEqual(fresh, ada.cookie);
  assert.equal(await me(h, ada.cookie), "401 not_logged_in");
  assert.equal(await me(h, fresh), "200");
  const plain = await h.app.fetch(
    new Request("http://box.test/api/v1/me", { headers: { cookie: fresh } }),
    { kind: "anonymous", address: "192.0.2.7", secure: false },
  );
  await plain.body?.cancel();
  assert.equal(plain.status, 401);
});

Deno.test("rights are those of the moment: a role that is taken away is gone at once, and what is open ends", async () => {
  await using h = await createHarness();
  const bob = await createPerson(h, "bob", [{ role: "viewer", project: null }]);
  assert.equal((await bob.api.projects()).length, 0);
  const events = await ask(h.app, "/api/v1/events?follow=true", {}, { cookie: bob.cookie });
  const held = ask(h.app, "/api/v1/projects?wait=60", {
    headers: { "if-none-match": await etagOf(h, bob.cookie) },
  }, { cookie: bob.cookie });
  await h.api.setGrants("bob", []);
  assert.equal(await codeAt(h, "/api/v1/projects", {}, { cookie: bob.cookie }), "403 forbidden");
  assert.equal((await held).status, 304, "it is let go of, not answered with what he may not see");
  await events.text();
  assert.equal(await me(h, bob.cookie), "200");
});

Deno.test("what is open ends with the time of its session or token", async () => {
  await using h = await createHarness();
  const bob = await createPerson(h, "bob", [{ role: "viewer", project: null }]);
  const { token } = await bob.api.createToken({ name: "watch", expiresInDays: 1 });
  const follow = (asking: object) => ask(h.app, "/api/v1/events?follow=true", {}, asking);
  const [bySession, byToken] = [await follow({ cookie: bob.cookie }), await follow({ token })];
  const ended = byToken.text();
  h.clock.advance(25 * HOUR);
  h.app.collect();
  await ended;
  const other = bySession.text();
  h.clock.advance(7 * 24 * HOUR);
  h.app.collect();
  await other;
  assert.equal(await me(h, bob.cookie), "401 not_logged_in");
});

async function etagOf(h: Harness, cookie: string): Promise<string> {
  const response = await ask(h.app, "/api/v1/projects", {}, { cookie });
  await response.body?.cancel();
  return response.headers.get("etag") ?? "";
}

Deno.test("a foreign page cannot act for who is logged in, nor open a terminal", async () => {
  await using h = await createHarness();
  const ada = await createPerson(h, "ada", [{ role: "admin", project: null }]);
  const { cookie } = ada;
  const make = jsonInit("POST", { name: "eve", grants: [] });
  const site = (value: string) => ({ headers: { "sec-fetch-site": value } });
  const cases: [object, string][] = [
    [{ cookie, origin: "https://evil.example" }, "403 foreign_origin"],
    [{ cookie, origin: "https://box.test" }, "403 foreign_origin"],
    [{ cookie, origin: "http://box.test:7443" }, "403 foreign_origin"],
    [{ cookie, origin: "null" }, "403 foreign_origin"],
    [{ cookie, origin: null }, "403 foreign_origin"],
    [{ cookie, origin: null, ...site("cross-site") }, "403 foreign_origin"],
    [{ cookie, origin: null, ...site("same-site") }, "403 foreign_origin"],
    [{ cookie, origin: PAGE_ORIGIN, ...site("cross-site") }, "403 foreign_origin"],
    [{ cookie, origin: PAGE_ORIGIN, ...site("same-origin") }, "201"],
  ];
  for (const [asking, expected] of cases) {
    assert.equal(
      await codeAt(h, "/api/v1/accounts", make, asking),
      expected,
      JSON.stringify(asking),
    );
  }
  const upgrade = { headers: { upgrade: "websocket", connection: "upgrade" } };
  const exec = "/api/v1/projects/shop/services/web/exec";
  for (const origin of [null, "https://evil.example"]) {
    assert.equal(await codeAt(h, exec, upgrade, { cookie, origin }), "403 foreign_origin");
  }
  // Nor log somebody in as somebody else, nor use root's own socket through a browser.
  const login = jsonInit("POST", { name: "ada", password: PASSWORD });
  assert.equal(
    await codeAt(h, "/api/v1/login", login, { origin: "https://evil.example" }),
    "403 foreign_origin",
  );
  const asRoot = await h.app.fetch(
    new Request("http://localhost/api/v1/accounts", {
      ...make,
      headers: { "content-type": "application/json", origin: "https://evil.example" },
    }),
    { kind: "root", via: "socket" },
  );
  await asRoot.body?.cancel();
  assert.equal(asRoot.status, 403);
});

Deno.test("one-time codes: asked for once confirmed, each taken once, recovery codes too, and gone by a reset", async () => {
  await using h = await createHarness();
  const ada = await createPerson(h, "ada", [{ role: "admin", project: null }]);
  await assert.rejects(ada.api.beginTotp("wrong"), { code: "password_wrong" });
  const { secret, uri } = await ada.api.beginTotp(PASSWORD);
  assert.match(uri, /^otpauth:\/\/totp\/Skerry:ada\?secret=/);
  const code = (steps = 0) => codeOf(fromBase32(secret), stepAt(h.clock.now()) + steps);
  assert.equal(
    await tryLogin(h, "ada", PASSWORD),
    "200",
    "it does not count before it is confirmed",
  );
  await assert.rejects(ada.api.confirmTotp("000000"), { code: "code_mismatch" });
  const { codes } = await ada.api.confirmTotp(code());
  assert.equal(codes.length, 10);
  assert.equal(new Set(codes).size, 10);
  assert.equal(await tryLogin(h, "ada", PASSWORD), "401 code_needed");
  assert.equal(await tryLogin(h, "ada", "wrong password", { code: code(1) }), "401 login_failed");
  assert.equal(
    await tryLogin(h, "ada", PASSWORD, { code: code() }),
    "401 code_wrong",
    "used to confirm",
  );
  h.clock.advance(60_000);
  const fresh = code();
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: fresh }), "200");
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: fresh }), "401 code_wrong", "a replay");
  h.clock.advance(600_000);
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: code(-8) }), "401 code_wrong");
  h.clock.advance(600_000);
  await h.api.setLoginSettings({ totpWindowSteps: 20, sessionIdleMinutes: 60, sessionHours: 24 });
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: code(-8) }), "200", "a wider window");
  const [first = ""] = codes;
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: first.toUpperCase() }), "200");
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: first }), "401 code_wrong");
  assert.equal((await ada.api.me()).recoveryCodesLeft, 9);
  const renewed = await ada.api.renewRecoveryCodes(PASSWORD);
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: codes[1] }), "401 code_wrong");
  h.clock.advance(600_000);
  assert.equal(await tryLogin(h, "ada", PASSWORD, { code: renewed.codes[1] }), "200");
  const link = await h.api.resetAccount("ada");
  const setUp = jsonInit("POST", { token: link.token, password: PASSWORD });
  assert.equal(await codeAt(h, "/api/v1/setup", setUp), "200");
  assert.equal(await tryLogin(h, "ada", PASSWORD), "200", "no code is asked for any more");
});

Deno.test("API tokens: bounded by their account and by their own grants, expire, are revoked, never live on", async () => {
  await using h = await createHarness();
  const ada = await createPerson(h, "ada", [{ role: "operator", project: null }]);
  const ask401 = (token: string) => codeAt(h, "/api/v1/me", {}, { token });
  const made = await ada.api.createToken({
    name: "scrape",
    grants: [{ role: "viewer", project: null }],
    expiresInDays: 30,
  });
  assert.match(made.token, /^skt_[A-Za-z0-9_-]{43}$/);
  const asToken = clientOf(h.app, { token: made.token });
  assert.deepEqual((await asToken.me()).grants, [{ role: "viewer", project: null }]);
  assert.equal((await asToken.projects()).length, 0);
  assert.equal(
    await codeAt(h, "/api/v1/images/prune", { method: "POST" }, { token: made.token }),
    "403 forbidden",
  );
  // One with a role of its own changes nothing of its account, whatever it is about.
  const own = { password: "another sentence for tests", current: PASSWORD };
  const changes: readonly (() => Promise<unknown>)[] = [
    () => asToken.setPassword(own),
    () => asToken.beginTotp(PASSWORD),
    () => asToken.createToken({ name: "child" }),
    async () => asToken.deleteSession((await asToken.sessions())[0]?.id ?? ""),
    async () => asToken.deleteToken((await asToken.tokens())[0]?.id ?? ""),
  ];
  for (const change of changes) await assert.rejects(change, /self_change/);
  assert.equal((await ada.api.sessions()).length, 1);
  // One with all that its account has may; what it makes lasts no longer than it does.
  const whole = await ada.api.createToken({ name: "whole", expiresInDays: 30 });
  const asWhole = clientOf(h.app, { token: whole.token });
  const child = await asWhole.createToken({
    name: "child",
    grants: [{ role: "viewer", project: null }],
    expiresInDays: null,
  });
  assert.equal(child.expiresAt, whole.expiresAt);
  assert.deepEqual((await clientOf(h.app, { token: child.token }).me()).grants, [
    { role: "viewer", project: null },
  ]);
  await h.api.setGrants("ada", [{ role: "viewer", project: SHOP }]);
  assert.deepEqual((await asToken.me()).grants, [{ role: "viewer", project: SHOP }]);
  const listed = await ada.api.tokens();
  assert.deepEqual(listed.map(({ name }) => name).toSorted(), ["child", "scrape", "whole"]);
  assert.ok(!JSON.stringify([listed, await h.api.tokens("ada")]).includes("skt_"));
  await ada.api.deleteToken(child.id);
  assert.equal(await ask401(child.token), "401 token_invalid");
  h.clock.advance(31 * 24 * HOUR);
  assert.equal(await ask401(made.token), "401 token_invalid");
  for (const odd of ["", "skt_", "skt_" + "a".repeat(43), "' OR 1=1 --"]) {
    assert.equal(await ask401(odd), "401 token_invalid");
  }
  const login = await clientOf(h.app, {}).login({
    name: "ada",
    password: PASSWORD,
    token: { name: "laptop" },
  });
  assert.ok(login.token !== null);
  const laptop = clientOf(h.app, { token: login.token.token });
  assert.equal((await laptop.me()).by, "token");
  await laptop.logout();
  assert.equal(await ask401(login.token.token), "401 token_invalid");
  const last = await h.api.createToken({ name: "by root", expiresInDays: null }, "ada");
  assert.equal(await ask401(last.token), "200");
  await h.api.setAccountDisabled("ada", true);
  assert.equal(await ask401(last.token), "401 token_invalid");
});

Deno.test("nothing secret is stored as it is, nor in the log of changes; the log tells who did what", async () => {
  await using h = await createHarness({ database: "control.db" });
  const ada = await createPerson(h, "ada", [{ role: "admin", project: null }]);
  const { secret } = await ada.api.beginTotp(PASSWORD);
  const { codes } = await ada.api.confirmTotp(codeOf(fromBase32(secret), stepAt(h.clock.now())));
  const token = await ada.api.createToken({ name: "t" });
  const { link } = await ada.api.createAccount({ name: "bob", grants: [] });
  await tryLogin(h, "ada", "a wrong password here");
  const texts = [
    PASSWORD,
    "a wrong password here",
    ada.cookie.split("=")[1] ?? "",
    token.token,
    link?.token ?? "",
    secret,
    ...codes,
    ...codes.map((code) => code.replaceAll("-", "")),
  ];
  const decoder = new TextDecoder("latin1");
  for (const name of ["control.db", "control.db-wal"]) {
    const bytes = decoder.decode(await Deno.readFile(`${h.folder}/${name}`));
    for (const text of texts) assert.ok(!bytes.includes(text), `${name} holds "${text}"`);
  }
  const changes = await h.api.changes();
  assert.ok(changes.some(({ action, who }) => action === "account.create" && who === "ada"));
  assert.ok(changes.some(({ action }) => action === "account.login_failed"));
  await h.api.createAccount({
    name: "eve",
    grants: [{ role: "viewer", project: null }],
    password: PASSWORD,
  });
  const eve = clientOf(h.app, { cookie: await logIn(h.app, "eve") });
  assert.ok((await eve.changes()).every(({ action }) => !action.startsWith("account.")));
});

Deno.test("the last administrator cannot be taken away, but by root", async () => {
  await using h = await createHarness();
  const ada = await createPerson(h, "ada", [{ role: "admin", project: null }]);
  const refused = { code: "last_admin" };
  await assert.rejects(ada.api.deleteAccount("ada"), refused);
  await assert.rejects(ada.api.setGrants("ada", [{ role: "admin", project: SHOP }]), refused);
  await assert.rejects(ada.api.setAccountDisabled("ada", true), refused);
  // Who has a link alone is none yet.
  await ada.api.createAccount({ name: "bob", grants: [{ role: "admin", project: null }] });
  await assert.rejects(ada.api.deleteAccount("ada"), refused);
  await h.api.deleteAccount("ada");
  assert.ok(h.app.createSetupLink() !== null);
});

Deno.test("a password of an earlier cost is hashed anew when it is used", async () => {
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const stored = await createPasswords({ random, cost: { logN: 4, r: 8, p: 1 } }).hash(PASSWORD);
  assert.match(stored, /^scrypt\$4\$8\$1\$/);
  const today = createPasswords({ random, cost: { logN: 5, r: 8, p: 1 } });
  assert.equal(await today.verify(stored, PASSWORD), "outdated");
  assert.equal(await today.verify(await today.hash(PASSWORD), PASSWORD), "right");
  assert.equal(await today.verify(stored, PASSWORD + " "), "wrong");
  assert.equal(await today.verify(null, PASSWORD), "wrong");
  // The same text, typed with other characters.
  const composed = await today.hash("caf\u00e9 caf\u00e9");
  assert.equal(await today.verify(composed, "cafe\u0301 cafe\u0301"), "right");
});

Deno.test("who floods an account from elsewhere does not keep its owner from confirming a password", async () => {
  await using h = await createHarness();
  // By its link: nobody has typed the password to log in yet.
  const { link } = await h.api.createAccount({ name: "ada", grants: [] });
  const home = { address: "192.0.2.1" };
  const setUp = jsonInit("POST", { token: link?.token, password: PASSWORD });
  const cookie = cookieFrom(await ask(h.app, "/api/v1/setup", setUp, home));
  const pace = "429 too_many";
  const flood = Array.from({ length: 31 }, (_, at) => ({ address: `198.51.100.${at + 1}` }));
  for (const from of flood) await tryLogin(h, "ada", "wrong", {}, from);
  assert.equal(await tryLogin(h, "ada", PASSWORD, {}, { address: "203.0.113.9" }), pace);
  const confirm = (from: { address: string }) =>
    codeAt(h, "/api/v1/me/totp", jsonInit("POST", { password: PASSWORD }), { cookie, ...from });
  assert.equal(await confirm({ address: "203.0.113.8" }), pace, "as at the login");
  assert.equal(await confirm(home), "200");
});

Deno.test("a token that was made for less is told so; one whose account lacks the role, of that", async () => {
  await using h = await createHarness();
  const { api } = await createPerson(h, "ada", [{ role: "operator", project: null }]);
  const { token } = await api.createToken({
    name: "watch",
    grants: [{ role: "viewer", project: null }],
  });
  const remedyOf = async (path: string) => {
    const response = await ask(h.app, path, { method: "DELETE" }, { token });
    assert.equal(response.status, 403);
    return (await response.json()).remedy;
  };
  assert.match(await remedyOf("/api/v1/images/aaa"), /account "ada" may: .*token create/);
  assert.match(await remedyOf("/api/v1/registries/r.lan"), /^An administrator can grant/);
});
