import assert from "node:assert/strict";
import { isAddressRange } from "./cidr.ts";
import type { IngressRoute } from "./config.ts";
import { buildRule, normaliseHost, normalisePath } from "./rule.ts";
import { selectRoutes } from "./select.ts";

function route(id: string, over: Partial<IngressRoute> = {}): IngressRoute {
  const base = { host: "a.test", path: "/", tls: "both", allow: [], servers: [] } as const;
  return { id, ...base, healthPath: null, healthTimeoutMs: 1_000, ...over };
}

Deno.test("hosts that are taken and refused", () => {
  assert.equal(normaliseHost("Shop.Example.COM"), "shop.example.com");
  assert.equal(normaliseHost("10.0.0.1"), "10.0.0.1");
  assert.equal(normaliseHost("my_box"), "my_box");
  const bad = ["", ".", "a.", "a..b", "-a", "*.a.test", "a b", "a`b", "a:80", "http://a", "é.test"];
  for (const host of [...bad, "a\n", "a".repeat(64), "a.".repeat(130) + "a", "{{x}}"]) {
    assert.equal(normaliseHost(host), null, JSON.stringify(host));
  }
});

Deno.test("paths that are taken and refused", () => {
  assert.equal(normalisePath("/"), "/");
  assert.equal(normalisePath("/api/v1/"), "/api/v1");
  assert.equal(normalisePath("/a.b/~x"), "/a.b/~x");
  const bad = ["", "api", "//", "/a//b", "/..", "/a/../b", "/.", "/a/./b", "/%2e%2e/x", "/a%20b"];
  for (const path of [...bad, "/a b", "/`", "/\n", "/é", "/a?b", "/a#b", "/a;b", "/\\", "/{x}"]) {
    assert.equal(normalisePath(path), null, JSON.stringify(path));
  }
  assert.equal(normalisePath("/" + "a".repeat(1024)), null);
});

Deno.test("a named host goes before any host, a longer path before a shorter one", () => {
  const priorityOf = (host: string | null, path: string) => {
    const built = buildRule(host, path);
    assert.equal(built.kind, "ok");
    return built.kind === "ok" ? built.rule.priority : 0;
  };
  assert.ok(priorityOf("a.test", "/") > priorityOf(null, "/" + "x".repeat(1000)));
  assert.ok(priorityOf("a.test", "/api") > priorityOf("a.test", "/"));
  assert.ok(priorityOf(null, "/") > 0);
});

Deno.test("of two equal routes the first is served and the later says which one", () => {
  const { routes, leftOut } = selectRoutes([
    route("one/web/0", { path: "/api" }),
    route("two/web/0", { host: "A.TEST", path: "/api/", tls: "off" }),
    route("two/web/1", { path: "/other" }),
    route("one/any/0", { host: null }),
    route("two/any/0", { host: null }),
  ]);
  assert.deepEqual(routes.map((each) => each.route.id), ["one/web/0", "two/web/1", "one/any/0"]);
  assert.deepEqual(leftOut.map(({ id, problem }) => [id, problem.code, problem.message]), [
    ["two/web/0", "route_conflict", 'a.test/api is already routed by "one/web/0"'],
    ["two/any/0", "route_conflict", 'any host, path / is already routed by "one/any/0"'],
  ]);
});

Deno.test("a bad route is left out with its reason, its neighbours stay, and it takes no host", () => {
  const { routes, leftOut } = selectRoutes([
    route("p/host/0", { host: "a`) || PathPrefix(`/" }),
    route("p/path/0", { path: "/a/../b" }),
    route("p/allow/0", { allow: ["10.0.0.0/33"] }),
    route("p/check/0", { healthPath: "/{{x}}", healthTimeoutMs: 1_000 }),
    route("p/good/0", {
      allow: ["10.0.0.0/8", "::1", "fd00::/8"],
      healthPath: "/up?x=1",
      healthTimeoutMs: 1_000,
    }),
  ]);
  assert.deepEqual(routes.map((each) => each.route.id), ["p/good/0"]);
  assert.deepEqual(leftOut.map(({ problem }) => problem.code), [
    "route_invalid_host",
    "route_invalid_path",
    "route_invalid_allow",
    "route_invalid_health_path",
  ]);
});

Deno.test("address ranges", () => {
  for (const good of ["1.2.3.4", "1.2.3.4/0", "1.2.3.4/32", "::/0", "fd00::1/128"]) {
    assert.ok(isAddressRange(good), good);
  }
  for (
    const bad of ["", "1.2.3", "1.2.3.4/33", "1.2.3.4/", "1.2.3.4/8/8", "a", "::/129", "::1%e"]
  ) {
    assert.equal(isAddressRange(bad), false, bad);
  }
});
