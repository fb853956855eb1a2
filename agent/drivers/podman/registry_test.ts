import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { SkerryError } from "../../../shared/errors.ts";
import { fullReference, isLoopback, parseImageReference } from "./image_reference.ts";
import type { RegistrySettings } from "./registries.ts";
import { createRegistryCalls, manifestFor } from "./registry.ts";
import { parseChallenge } from "./registry_client.ts";

const digest = `sha256:${"a".repeat(64)}`;

Deno.test("references as Docker reads them", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ["nginx", "docker.io/library/nginx:latest"],
    ["me/app:1.2", "docker.io/me/app:1.2"],
    ["localhost/app", "localhost/app:latest"],
    ["localhost:5000/a/b:x", "localhost:5000/a/b:x"],
    ["ghcr.io/o/r@" + digest, `ghcr.io/o/r@${digest}`],
    ["ghcr.io/o/r:1@" + digest, `ghcr.io/o/r@${digest}`],
    ["", null],
    ["UPPER", null],
    ["a b", null],
    ["a:b:c", null],
    ["x@sha256:12", null],
    ["../etc", null],
    ["host.tld/../x", null],
  ];
  for (const [text, full] of cases) {
    const parsed = parseImageReference(text);
    assert.equal(parsed === null ? null : fullReference(parsed), full, text);
  }
  fc.assert(fc.property(fc.string(), (text) => {
    const parsed = parseImageReference(text);
    if (parsed !== null) assert.deepEqual(parseImageReference(fullReference(parsed)), parsed);
  }));
  assert.ok(isLoopback("localhost:5000") && isLoopback("127.0.0.1:1"));
  assert.ok(!isLoopback("localhost.example.org") && !isLoopback("10.0.0.1"));
});

type Handler = (url: URL, headers: Headers) => Response;

function calls(
  handler: Handler,
  registries: readonly RegistrySettings[] = [],
  insecureRegistries: readonly string[] = [],
) {
  return createRegistryCalls({
    fetch: async (url, init) => handler(url, new Headers(init.headers)),
    insecureRegistries,
    registries: () => registries,
  });
}

function resolver(handler: Handler, insecureRegistries: readonly string[] = []) {
  return calls(handler, [], insecureRegistries).resolveDigest;
}

function settings(host: string, more: Partial<RegistrySettings> = {}): RegistrySettings {
  return { host, plainHttp: false, mirrors: [], login: null, ...more };
}
const found = () => new Response(null, { headers: { "docker-content-digest": digest } });

Deno.test("an anonymous token is fetched where the registry asks for one", async () => {
  const asked: string[] = [];
  const resolve = resolver((url, headers) => {
    asked.push(url.href);
    if (url.host === "auth.docker.io") return Response.json({ token: "t0k" });
    if (headers.get("authorization") === "Bearer t0k") return found();
    return new Response(null, {
      status: 401,
      headers: {
        "www-authenticate":
          'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/nginx:pull"',
      },
    });
  });
  assert.equal(await resolve("nginx:1"), digest);
  assert.deepEqual(asked, [
    "https://registry-1.docker.io/v2/library/nginx/manifests/1",
    "https://auth.docker.io/token?service=registry.docker.io&scope=repository%3Alibrary%2Fnginx%3Apull",
    "https://registry-1.docker.io/v2/library/nginx/manifests/1",
  ]);
});

Deno.test("plain http is for this machine and named registries only", async () => {
  const schemes: string[] = [];
  const resolve = resolver((url) => {
    schemes.push(url.origin);
    return found();
  }, ["reg.lan:5000"]);
  for (const name of ["localhost:5000/x", "127.0.0.1:5001/x", "reg.lan:5000/x", "reg.lan/x"]) {
    await resolve(name);
  }
  assert.deepEqual(schemes, [
    "http://localhost:5000",
    "http://127.0.0.1:5001",
    "http://reg.lan:5000",
    "https://reg.lan",
  ]);
});

Deno.test("neither a redirect nor a token realm leads out to plain http", async () => {
  const redirecting = resolver((url) =>
    url.protocol === "https:"
      ? new Response(null, { status: 307, headers: { location: "http://169.254.169.254/latest" } })
      : found()
  );
  await assert.rejects(redirecting("evil.example/x"), { code: "insecure_registry" });
  const realm = resolver(() =>
    new Response(null, {
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="http://10.0.0.1/token"' },
    })
  );
  await assert.rejects(realm("evil.example/x"), { code: "insecure_registry" });
});

Deno.test("a token stays with the registry that asked for it", async () => {
  const tokens: (string | null)[] = [];
  const resolve = resolver((url, headers) => {
    if (url.pathname === "/token") return Response.json({ access_token: "secret" });
    if (url.host === "cdn.example") {
      tokens.push(headers.get("authorization"));
      return found();
    }
    if (headers.has("authorization")) {
      return new Response(null, { status: 302, headers: { location: "https://cdn.example/m" } });
    }
    return new Response(null, {
      status: 401,
      headers: { "www-authenticate": 'Bearer realm="https://reg.example/token"' },
    });
  });
  assert.equal(await resolve("reg.example/x"), digest);
  assert.deepEqual(tokens, [null]);
});

Deno.test("answers and failures told apart", async () => {
  const status = (code: number) => resolver(() => new Response(null, { status: code }));
  await assert.rejects(status(404)("reg.example/x"), { code: "not_found" });
  await assert.rejects(status(401)("reg.example/x"), { code: "unauthorized" });
  await assert.rejects(status(503)("reg.example/x"), { code: "unreachable" });
  await assert.rejects(status(200)("reg.example/x"), { code: "other" });
  await assert.rejects(status(200)("localhost/built:1"), { code: "not_found" });
  await assert.rejects(status(200)("NOT A REF"), { code: "invalid_reference" });
  const broken = createRegistryCalls({
    fetch: () => Promise.reject(new TypeError("fetch failed")),
    insecureRegistries: [],
    registries: () => [],
  });
  await assert.rejects(broken.resolveDigest("reg.example/x"), { code: "unreachable" });
  const hanging = createRegistryCalls({
    fetch: (_url, init) =>
      new Promise((_, reject) =>
        init.signal?.addEventListener("abort", () => reject(new Error("aborted")))
      ),
    insecureRegistries: [],
    registries: () => [],
    timeoutMs: 20,
  });
  await assert.rejects(hanging.resolveDigest("reg.example/x"), { code: "timeout" });
  const loop = resolver((url) =>
    new Response(null, { status: 302, headers: { location: url.href } })
  );
  await assert.rejects(loop("reg.example/x"), { code: "other" });
});

Deno.test("challenges of all shapes", () => {
  assert.deepEqual(parseChallenge('Basic realm="x"'), { kind: "basic" });
  const parts = (header: string) => {
    const challenge = parseChallenge(header);
    return challenge?.kind === "bearer" ? [...challenge.parts] : challenge?.kind ?? null;
  };
  assert.deepEqual(parts('bearer Realm="https://a/t", service=s'), [
    ["realm", "https://a/t"],
    ["service", "s"],
  ]);
  assert.deepEqual(parts('Basic realm="x", Bearer realm="https://a/t"'), [
    ["realm", "https://a/t"],
  ]);
  assert.equal(parts("Negotiate"), null);
  assert.equal(parts(""), null);
});

const login = { username: "robot$plant", password: "pässword:1" };
const BASIC = `Basic ${Buffer.from(`${login.username}:${login.password}`).toString("base64")}`;
const asks = (challenge: string) =>
  new Response(null, { status: 401, headers: { "www-authenticate": challenge } });

Deno.test("a login is given where the registry asks for it, and to nobody else", async () => {
  const seen: string[] = [];
  const known = [settings("reg.example", { login })];
  const basic = calls((url, headers) => {
    seen.push(`${url.href} ${headers.get("authorization") ?? "-"}`);
    if (url.host === "cdn.example") return found();
    if (headers.get("authorization") !== BASIC) return asks('Basic realm="r"');
    return new Response(null, { status: 307, headers: { location: "https://cdn.example/m" } });
  }, known);
  assert.equal(await basic.resolveDigest("reg.example/x:1"), digest);
  await assert.rejects(basic.resolveDigest("other.example/x:1"), { code: "unauthorized" });
  assert.deepEqual(seen, [
    "https://reg.example/v2/x/manifests/1 -",
    `https://reg.example/v2/x/manifests/1 ${BASIC}`,
    "https://cdn.example/m -",
    "https://other.example/v2/x/manifests/1 -",
  ]);
});

Deno.test("a token is asked for with the login, and the login goes nowhere else", async () => {
  const seen: string[] = [];
  const bearer = calls((url, headers) => {
    seen.push(`${url.host}${url.pathname} ${headers.get("authorization") ?? "-"}`);
    if (url.host === "auth.example") {
      assert.equal(url.searchParams.get("account"), login.username);
      assert.equal(url.searchParams.get("scope"), "repository:x:pull");
      return headers.get("authorization") === BASIC ? Response.json({ token: "t" }) : asks("Basic");
    }
    return headers.get("authorization") === "Bearer t"
      ? found()
      : asks('Bearer realm="https://auth.example/token",service="s"');
  }, [settings("reg.example", { login })]);
  assert.equal(await bearer.resolveDigest("reg.example/x"), digest);
  assert.deepEqual(seen, [
    "reg.example/v2/x/manifests/latest -",
    `auth.example/token ${BASIC}`,
    "reg.example/v2/x/manifests/latest Bearer t",
  ]);
});

Deno.test("a login is tried before it is kept; what is wrong is said without the password", async () => {
  const wrong = { username: "me", password: "wr0ng-pass" };
  const check = (handler: Handler, tried = login) =>
    calls(handler).checkLogin("reg.example", tried);
  const basic: Handler = (_url, headers) =>
    headers.get("authorization") === BASIC ? new Response("{}") : asks("Basic realm=r");
  const bearer: Handler = (url, headers) => {
    const authorization = headers.get("authorization");
    if (url.pathname === "/token") {
      return authorization === BASIC ? Response.json({ token: "t" }) : asks("Basic");
    }
    return authorization === "Bearer t"
      ? new Response("{}")
      : asks('Bearer realm="https://a.example/token"');
  };
  for (const handler of [basic, bearer]) {
    assert.equal(await check(handler), "accepted");
    await assert.rejects(check(handler, wrong), (thrown) => {
      assert.ok(thrown instanceof SkerryError);
      assert.equal(thrown.code, "unauthorized");
      assert.match(thrown.message, /"reg.example" as "me": the registry refuses this login/);
      assert.match(thrown.remedy ?? "", /Check the user and the password/);
      const all = `${thrown.message} ${thrown.remedy} ${thrown.stack} ${thrown.cause}`;
      assert.doesNotMatch(all, /wr0ng|bWU6d3I/);
      return true;
    });
  }
  assert.equal(await check(() => new Response("{}")), "not_asked");
  await assert.rejects(check(() => new Response("", { status: 404 })), { code: "other" });
  await assert.rejects(check(() => new Response("", { status: 502 })), { code: "unreachable" });
  // A token that gives nothing is no login.
  await assert.rejects(
    check((url) =>
      url.pathname === "/token"
        ? Response.json({ token: "t" })
        : asks('Bearer realm="https://a/token"')
    ),
    { code: "unauthorized" },
  );
});

Deno.test("mirrors are asked first, with their own login; then the registry", async () => {
  const known = [
    settings("docker.io", { mirrors: ["dead.lan", "cache.lan:5000/hub"], login }),
    settings("cache.lan:5000", { plainHttp: true, login: { username: "c", password: "d" } }),
  ];
  const seen: string[] = [];
  let alive = true;
  const { resolveDigest } = calls((url, headers) => {
    seen.push(`${url.origin}${url.pathname} ${headers.get("authorization") ?? "-"}`);
    if (url.host === "dead.lan") throw new TypeError("connection refused");
    if (url.host === "cache.lan:5000" && !alive) return new Response(null, { status: 404 });
    return headers.has("authorization") ? found() : asks("Basic");
  }, known);
  assert.equal(await resolveDigest("nginx:1"), digest);
  const CACHE = `Basic ${btoa("c:d")}`;
  assert.deepEqual(seen, [
    "https://dead.lan/v2/library/nginx/manifests/1 -",
    "http://cache.lan:5000/v2/hub/library/nginx/manifests/1 -",
    `http://cache.lan:5000/v2/hub/library/nginx/manifests/1 ${CACHE}`,
  ]);
  alive = false;
  seen.length = 0;
  assert.equal(await resolveDigest("nginx:1"), digest);
  assert.equal(
    seen.at(-1),
    `https://registry-1.docker.io/v2/library/nginx/manifests/1 ${BASIC}`,
  );
});

Deno.test("the id of an image, also behind an index", async () => {
  const one = { config: { digest: `sha256:${"1".repeat(64)}` } };
  const two = { config: { digest: `sha256:${"2".repeat(64)}` } };
  const arm = `sha256:${"b".repeat(64)}`;
  const index = {
    manifests: [
      { digest: `sha256:${"c".repeat(64)}`, platform: { os: "linux", architecture: "amd64" } },
      { digest: arm, platform: { os: "linux", architecture: "arm64", variant: "v8" } },
    ],
  };
  const platform = { os: "linux", architecture: "arm64" };
  const answers: Record<string, unknown> = { plain: one, many: index, [arm]: two, odd: {} };
  const { remoteImage } = calls((url) =>
    Response.json(answers[url.pathname.split("/").at(-1) ?? ""], {
      headers: { "docker-content-digest": digest },
    })
  );
  assert.deepEqual(await remoteImage("r.lan/x:plain", platform), { digest, id: "1".repeat(64) });
  assert.deepEqual(await remoteImage("r.lan/x:many", platform), { digest, id: "2".repeat(64) });
  const none = await remoteImage("r.lan/x:many", { os: "linux", architecture: "riscv64" });
  assert.deepEqual(none, { digest, id: null });
  await assert.rejects(remoteImage("r.lan/x:odd", platform), { code: "other" });
  assert.equal(manifestFor(index, { ...platform, variant: "v7" }), arm);
});
