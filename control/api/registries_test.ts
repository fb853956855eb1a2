import assert from "node:assert/strict";
import { ApiError } from "../../shared/api/problem.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { SkerryError } from "../../shared/errors.ts";

const PASSWORD = "c0rrect-h0rse";
const bytes = (text: string) => new TextEncoder().encode(text);

async function refusal(work: Promise<unknown>): Promise<ApiError> {
  const thrown = await work.then(() => null, (error: unknown) => error);
  assert.ok(thrown instanceof ApiError, `not refused: ${thrown}`);
  return thrown;
}

const logIn = (h: Harness, host: string, password = PASSWORD, check = true) =>
  h.api.putRegistryLogin(host, { username: "me", password: bytes(password) }, check);

/** What the node was told, logins opened. */
function told(h: Harness) {
  return h.agent.sections().flatMap((section) =>
    section.capability === "registries"
      ? section.registries.map(({ login, ...rest }) => ({
        ...rest,
        login: login === null ? null : JSON.parse(h.agent.unseal(login.sealed)),
      }))
      : []
  );
}

/** All that the control plane keeps on its disk. */
async function kept(h: Harness): Promise<string> {
  const texts: string[] = [];
  const read = async (folder: string) => {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) await read(path);
      else texts.push(new TextDecoder("latin1").decode(await Deno.readFile(path)));
    }
  };
  await read(h.folder);
  return texts.join("\n");
}

Deno.test("a login is tried, sealed to the node, and never shown", async () => {
  await using h = await createHarness({ database: "control.db" });
  h.link.passwords.set("reg.lan:5000", PASSWORD);
  h.link.passwords.set("open.lan", null);

  const wrong = await refusal(logIn(h, "reg.lan:5000", "wr0ng"));
  assert.equal(wrong.code, "unauthorized");
  assert.match(wrong.message, /nothing was stored/);
  assert.deepEqual(await h.api.registries(), []);

  const answer = await logIn(h, "reg.lan:5000");
  assert.deepEqual([answer.check, answer.onNode], ["accepted", true]);
  assert.equal((await logIn(h, "open.lan")).check, "not_asked");
  await h.agent.fetch();
  assert.deepEqual(h.link.awaited.at(-1), h.agent.manifest().revision);
  const login = { username: "me", password: PASSWORD };
  assert.deepEqual(told(h), [
    { host: "open.lan", plainHttp: false, mirrors: [], login },
    { host: "reg.lan:5000", plainHttp: false, mirrors: [], login },
  ]);

  const shown = JSON.stringify([answer, await h.api.registries(), await h.api.changes()]);
  assert.match(shown, /registry\.login/);
  for (const secret of [PASSWORD, btoa(PASSWORD), btoa(`me:${PASSWORD}`)]) {
    assert.ok(!shown.includes(secret));
    assert.ok(!(await kept(h)).includes(secret), "clear text in the database");
    assert.ok(!JSON.stringify(h.agent.sections()).includes(secret));
  }
});

Deno.test("the same settings again are the same intent; a new password is a new one", async () => {
  await using h = await createHarness();
  h.link.passwords.set("reg.lan", null);
  const setting = { plainHttp: true, mirrors: ["cache.lan:5000/hub"] };
  await h.api.putRegistry("reg.lan", setting);
  await logIn(h, "reg.lan", "one");
  await h.agent.fetch();
  const before = h.agent.manifest().revision;
  await h.api.putRegistry("reg.lan", setting);
  await h.agent.fetch();
  assert.equal(h.agent.manifest().revision, before);
  await logIn(h, "reg.lan", "two");
  await h.agent.fetch();
  const login = { username: "me", password: "two" };
  assert.deepEqual(told(h), [{ host: "reg.lan", ...setting, login }]);
});

Deno.test("logout and rm forget; settings outlive a logout", async () => {
  await using h = await createHarness();
  for (const host of ["a.lan", "b.lan"]) h.link.passwords.set(host, null);
  await h.api.putRegistry("a.lan", { plainHttp: true, mirrors: [] });
  await logIn(h, "a.lan");
  await logIn(h, "b.lan");
  for (const host of ["a.lan", "b.lan"]) await h.api.deleteRegistryLogin(host);
  await h.agent.fetch();
  assert.deepEqual(told(h), [{ host: "a.lan", plainHttp: true, mirrors: [], login: null }]);
  assert.equal((await refusal(h.api.deleteRegistryLogin("a.lan"))).status, 404);
  assert.equal((await refusal(h.api.deleteRegistryLogin("b.lan"))).status, 404);
  await h.api.deleteRegistry("a.lan");
  await h.agent.fetch();
  assert.deepEqual(told(h), []);
  assert.ok(!h.agent.sections().some(({ capability }) => capability === "registries"));
  assert.equal((await refusal(h.api.deleteRegistry("a.lan"))).status, 404);
});

Deno.test("a registry that is not reached keeps nothing, unless nobody is to ask it", async () => {
  await using h = await createHarness();
  assert.equal((await refusal(logIn(h, "far.lan"))).code, "unreachable");
  assert.deepEqual(await h.api.registries(), []);
  assert.equal((await logIn(h, "far.lan", PASSWORD, false)).check, "unchecked");
  assert.equal((await h.api.registries())[0]?.username, "me");
});

Deno.test("what is no host, no mirror or no password is refused without being quoted", async () => {
  await using h = await createHarness();
  const bad = (work: Promise<unknown>) => refusal(work).then(({ code }) => code);
  const setting = { plainHttp: false, mirrors: [] };
  assert.equal(await bad(h.api.putRegistry("Reg.Lan", setting)), "bad_request");
  assert.equal(await bad(h.api.putRegistry("a b", setting)), "bad_request");
  const mirrors = ['x"\n[engine]'];
  assert.equal(await bad(h.api.putRegistry("a.lan", { ...setting, mirrors })), "bad_request");
  assert.equal(await bad(logIn(h, "a.lan", "", false)), "bad_request");
  const password = Uint8Array.from([0x68, 0x75, 0xff]);
  const answer = await refusal(
    h.api.putRegistryLogin("a.lan", { username: "me", password }, false),
  );
  assert.equal(answer.message, "the password is not UTF-8 text");
});

Deno.test("a plan that lacks a login says which command helps", async () => {
  await using h = await createHarness();
  h.link.resolveImage = () =>
    Promise.reject(
      new SkerryError("unauthorized", "nobody gets it", "Log in with skerry registry login r.lan."),
    );
  const request = testRequest(testModel("shop", { web: testService({ image: "r.lan/x:1" }) }));
  const refused = await refusal(h.api.createRelease("shop", request));
  assert.match(JSON.stringify(refused.problem), /skerry registry login r\.lan/);
});
