import assert from "node:assert/strict";
import fc from "fast-check";
import { parse } from "yaml";
import type { IngressConfig, IngressRoute } from "./config.ts";
import { renderDynamicConfig, routerName } from "./dynamic.ts";
import { renderYamlSafeJson } from "./json_yaml.ts";
import { renderStaticConfig } from "./static.ts";

const route: IngressRoute = {
  id: "shop/web/0",
  host: "shop.test",
  path: "/",
  tls: "both",
  allow: [],
  servers: ["10.200.1.5:8080"],
  healthPath: "/health",
  healthTimeoutMs: 1_000,
};

const shop: IngressConfig = {
  digest: "d1",
  routes: [
    route,
    { ...route, id: "shop/web/1", path: "/api/", tls: "redirect", allow: ["10.0.0.0/8"] },
    {
      ...route,
      id: "shop/admin/0",
      host: null,
      path: "/admin",
      tls: "off",
      healthPath: null,
      healthTimeoutMs: 1_000,
    },
    {
      ...route,
      id: "late/db/0",
      host: "later.test",
      servers: [],
      healthPath: "/{{ env `HOME` }}",
      healthTimeoutMs: 1_000,
    },
    {
      ...route,
      id: "late/db/1",
      host: "later.test",
      servers: [],
      healthPath: null,
      healthTimeoutMs: 1_000,
    },
  ],
  certificate: { certFile: "/var/{{x}}/leaf.pem", keyFile: "/var/leaf.key" },
};

/** Compares with the golden; UPDATE_GOLDEN=1 writes it. */
async function golden(name: string, text: string): Promise<void> {
  const url = new URL(`./testdata/${name}`, import.meta.url);
  if (Deno.env.get("UPDATE_GOLDEN") === "1") await Deno.writeTextFile(url, text);
  assert.equal(text, await Deno.readTextFile(url));
}

Deno.test("the static file", async () => {
  const text = renderStaticConfig({
    address: "0.0.0.0",
    httpPort: 80,
    httpsPort: 443,
    internalPort: 18081,
    dynamicDir: "/var/lib/skerry/traefik/dynamic",
    accessLogFile: "/var/lib/skerry/traefik/access.log",
  });
  await golden("static.yaml", text);
});

Deno.test("the dynamic file of routes, and of none", async () => {
  await golden("shop.yaml", renderDynamicConfig(shop, 8443).text);
  const none = renderDynamicConfig({ digest: "d0", routes: [], certificate: null }, 443);
  await golden("none.yaml", none.text);
});

Deno.test("equal input, equal text; every change is another revision", () => {
  const first = renderDynamicConfig(shop, 443);
  assert.deepEqual(renderDynamicConfig(structuredClone(shop), 443), first);
  assert.deepEqual(first.servers, ["10.200.1.5:8080"]);
  const others = [
    renderDynamicConfig({ ...shop, digest: "d2" }, 443),
    renderDynamicConfig(shop, 8443),
    renderDynamicConfig({ ...shop, routes: shop.routes.slice(1) }, 443),
    renderDynamicConfig({ ...shop, certificate: null }, 443),
  ];
  assert.equal(new Set([first, ...others].map(({ revision }) => revision)).size, 5);
});

Deno.test("a server that is no address is refused", () => {
  for (const server of ["", "a:80", "1.2.3.4", "1.2.3.4:0", "1.2.3.400:8", "1.2.3.4:80/{{x}}"]) {
    const config = { ...shop, routes: [{ ...route, servers: [server] }] };
    assert.throws(() => renderDynamicConfig(config, 443), { code: "ingress_bad_server" });
  }
});

Deno.test("names of routers are clean and tell ids apart", () => {
  assert.equal(routerName("shop/web.x/0"), "r/shop/web.x/0");
  fc.assert(fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
    assert.match(routerName(a), /^r\/[a-z0-9._/-]*(~[0-9a-f]{12})?$/);
    if (a.toWellFormed() !== b.toWellFormed()) assert.notEqual(routerName(a), routerName(b));
  }));
});

const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("{{ env `HOME` }}", "a`b", "/../x", "/%2e%2e/", "a.test", "/api", "/{{.}}", "}}"),
);

Deno.test("strings of any kind come back from YAML as they were, with no brace in them", () => {
  fc.assert(fc.property(fc.array(anyText), (texts) => {
    const text = renderYamlSafeJson({ texts });
    assert.equal(text.slice(1, text.lastIndexOf("}")).includes("{"), false);
    assert.equal(text.includes("}}"), false);
    assert.deepEqual(parse(text), { texts: texts.map((each) => each.toWellFormed()) });
    assert.deepEqual(JSON.parse(text), { texts: texts.map((each) => each.toWellFormed()) });
  }));
});

Deno.test("no routes, however hostile, make an empty map, a template action or another rule", () => {
  const routes = fc.array(fc.record({
    id: anyText,
    host: fc.option(anyText),
    path: anyText,
    tls: fc.constantFrom("both" as const, "redirect" as const, "off" as const),
    allow: fc.array(fc.oneof(fc.constant("10.0.0.0/8"), anyText), { maxLength: 1 }),
    servers: fc.constantFrom([], ["10.0.0.1:80"]),
    healthPath: fc.option(anyText),
    healthTimeoutMs: fc.nat(60_000),
  }));
  fc.assert(fc.property(routes, (routes) => {
    const { text } = renderDynamicConfig({ digest: "d", routes, certificate: null }, 443);
    assert.equal(/\{\{|\}\}/.test(text), false);
    assertNoEmptyMap(parse(text));
    const rules = [...text.matchAll(/"rule": "([^"]*)"/g)].map((match) => match[1] ?? "");
    const path = "`/[A-Za-z0-9._~!$&'()*+,=:@/-]*`";
    const whole = new RegExp(
      "^(Host\\(`[a-z0-9._-]+`\\) && )?(PathPrefix\\(`/`\\)|Path\\(`/rev-[0-9a-f]{32}`\\)|" +
        `\\(Path\\(${path}\\) \\|\\| PathPrefix\\(${path}\\)\\))$`,
    );
    for (const rule of rules) assert.match(rule, whole);
  }));
});

function assertNoEmptyMap(node: unknown): void {
  if (Array.isArray(node)) node.forEach(assertNoEmptyMap);
  else if (typeof node === "object" && node !== null) {
    assert.notEqual(Object.keys(node).length, 0);
    Object.values(node).forEach(assertNoEmptyMap);
  }
}
