import assert from "node:assert/strict";
import fc from "fast-check";
import { fullReference, isLoopback, parseImageReference } from "./image_reference.ts";
import { createDigestResolver, parseBearerChallenge } from "./registry.ts";

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

function resolver(handler: Handler, insecureRegistries: readonly string[] = []) {
  return createDigestResolver({
    fetch: (url, init) => Promise.resolve(handler(url, new Headers(init.headers))),
    insecureRegistries,
  });
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
  const broken = createDigestResolver({
    fetch: () => Promise.reject(new TypeError("fetch failed")),
    insecureRegistries: [],
  });
  await assert.rejects(broken("reg.example/x"), { code: "unreachable" });
  const hanging = createDigestResolver({
    fetch: (_url, init) =>
      new Promise((_, reject) =>
        init.signal?.addEventListener("abort", () => reject(new Error("aborted")))
      ),
    insecureRegistries: [],
    timeoutMs: 20,
  });
  await assert.rejects(hanging("reg.example/x"), { code: "timeout" });
  const loop = resolver((url) =>
    new Response(null, { status: 302, headers: { location: url.href } })
  );
  await assert.rejects(loop("reg.example/x"), { code: "other" });
});

Deno.test("challenges of all shapes", () => {
  assert.equal(parseBearerChallenge('Basic realm="x"'), null);
  assert.deepEqual(
    [...parseBearerChallenge('bearer Realm="https://a/t", service=s') ?? []],
    [["realm", "https://a/t"], ["service", "s"]],
  );
});
