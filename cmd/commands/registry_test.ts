import assert from "node:assert/strict";
import type { Transport } from "../../shared/api/client.ts";
import { createFakeHost, type FakeHostOptions, idleDaemons, NOW } from "../fake_host.ts";
import { runProgram } from "../program.ts";

const VIEW = {
  host: "r.lan",
  plainHttp: false,
  mirrors: [],
  username: "me",
  changedAt: NOW,
  etag: '"1"',
};

async function run(args: readonly string[], options: FakeHostOptions = {}) {
  const requests: { readonly line: string; readonly body: string }[] = [];
  const transport: Transport = async (request) => {
    const { pathname, search } = new URL(request.url);
    requests.push({
      line: `${request.method} ${decodeURIComponent(pathname.slice("/api/v1/".length))}${search}`,
      body: await request.text(),
    });
    if (request.method === "GET") return Response.json({ items: [VIEW] });
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    if (!pathname.endsWith("/login")) return Response.json(VIEW);
    return Response.json({ registry: VIEW, check: "accepted", onNode: true });
  };
  const host = createFakeHost({ transport, ...options });
  const code = await runProgram(["registry", ...args], host, idleDaemons);
  return { code, out: host.printed(), err: host.said(), requests };
}

Deno.test("a password comes from standard input, less one newline, and is not said", async () => {
  const { code, err, requests } = await run(
    ["login", "Reg.LAN:5000", "-u", "me", "--password-stdin"],
    { input: ["pass ", "word\n\n"] },
  );
  assert.equal(code, 0, err);
  assert.deepEqual(requests, [{
    line: "PUT registries/reg.lan:5000/login?username=me&check=true",
    body: "pass word\n",
  }]);
  assert.match(err, /logged in to r\.lan as me \(the registry accepts it\)/);
  assert.doesNotMatch(err, /pass/);
});

Deno.test("a password is typed unseen; the user too is asked for", async () => {
  const typed = { terminal: true, input: ["me\n", "pässword\r"] };
  const { code, err, requests } = await run(["login", "index.docker.io", "--no-check"], typed);
  assert.equal(code, 0, err);
  assert.deepEqual(requests, [{
    line: "PUT registries/docker.io/login?username=me&check=false",
    body: "pässword",
  }]);
  assert.doesNotMatch(err, /pässword/);
});

Deno.test("a login that is written wrongly sends nothing", async () => {
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [["login", "r.lan", "-u", "me"], 2, /--password-stdin/],
    [["login", "r.lan", "--password-stdin"], 2, /write -u USER/],
    [["login", "r.lan", "-u", "me", "-p", "secret"], 2, /unknown option '-p'/],
    [["login", "r.lan", "me", "secret"], 2, /too many arguments/],
    [["login", "https://r.lan", "-u", "me", "--password-stdin"], 2, /is no registry/],
    [["login", "r.lan", "-u", "me", "--password-stdin"], 1, /the password is empty/],
    [["set", "r.lan", "--mirror", "http://m"], 2, /no place of a mirror/],
    [["set", "r.lan", "--mirror", "r.lan"], 2, /cannot mirror itself/],
  ];
  for (const [args, code, words] of cases) {
    const done = await run(args, { input: ["\n"] });
    assert.equal(done.code, code, `${args.join(" ")}: ${done.err}`);
    assert.match(done.err, words);
    assert.deepEqual(done.requests, []);
  }
});

Deno.test("settings, forgetting and the list", async () => {
  const set = await run(["set", "docker.io", "--mirror", "A.lan:5000/hub", "--mirror", "b.lan"]);
  assert.deepEqual(set.requests, [{
    line: "PUT registries/docker.io",
    body: JSON.stringify({ plainHttp: false, mirrors: ["a.lan:5000/hub", "b.lan"] }),
  }]);
  const plain = await run(["set", "r.lan", "--plain-http"]);
  assert.deepEqual(JSON.parse(plain.requests[0]?.body ?? ""), { plainHttp: true, mirrors: [] });
  assert.equal((await run(["logout", "r.lan"])).requests[0]?.line, "DELETE registries/r.lan/login");
  assert.deepEqual((await run(["rm", "a.lan", "b.lan"])).requests.map(({ line }) => line), [
    "DELETE registries/a.lan",
    "DELETE registries/b.lan",
  ]);
  const { out } = await run(["list"]);
  assert.match(out, /REGISTRY +LOGIN +BY +MIRRORS/);
  assert.match(out, /r\.lan +me +https +-/);
  assert.deepEqual(JSON.parse((await run(["list", "-o", "json"])).out), [VIEW]);
});
