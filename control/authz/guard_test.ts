import assert from "node:assert/strict";
import { type Endpoint, OBJECTS, SCOPES } from "../../shared/api/endpoint.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { NodeId } from "../../shared/model/ids.ts";
import { HANDLERS } from "../api/routes.ts";
import { createHarness } from "../testing/harness.ts";
import type { Caller } from "./caller.ts";
import { type AuthzObject, lacksSignature, may } from "./may.ts";

const SAMPLE: Readonly<Record<string, string>> = {
  name: "shop",
  service: "web",
  volume: "data",
  secret: "key",
  sha256: "0".repeat(64),
  id: "rel_aaaaaaaaaaaaaaaaaaaaaaaaaa",
};

const CALLERS = {
  root: { kind: "root", via: "socket" },
  node: { kind: "node", node: NodeId.parse("nod_aaaaaaaaaaaaaaaaaaaaaaaaaa") },
  key: { kind: "key", publicKey: "x", counter: 0n },
  anonymous: { kind: "anonymous", address: "192.0.2.1", secure: true },
} satisfies Record<string, Caller>;

Deno.test("every operation has a scope, a handler, and every scope somebody who has it", () => {
  assert.deepEqual(Object.keys(HANDLERS).sort(), Object.keys(ENDPOINTS).sort());
  for (const [operation, described] of Object.entries<Endpoint>(ENDPOINTS)) {
    assert.ok(SCOPES.includes(described.scope), operation);
    assert.ok(OBJECTS.includes(described.object), operation);
    assert.match(described.path, /^\/api\/v1\//, operation);
    const { shape } = described.params;
    if (described.object === "project") assert.ok("name" in shape, operation);
    if (described.object === "project_or_global") {
      assert.ok("project" in described.query.shape, operation);
    }
    if (described.scope === "login") assert.equal(described.object, "none", operation);
    if (described.scope === "self" || described.scope === "self_change") {
      assert.equal(described.object, "self", operation);
      // What only looks, and the end of what asks itself, every token may.
      const isLook = described.method === "GET" || operation === "logout";
      assert.equal(described.scope, isLook ? "self" : "self_change", operation);
    }
  }
  for (const scope of SCOPES) {
    const kinds = ["global", "self", "none"] as const;
    const objects = kinds.map((kind): AuthzObject => ({ kind }));
    const somebody = Object.values(CALLERS).some((caller) =>
      objects.some((object) => may(caller, scope, object))
    );
    assert.ok(somebody, scope);
  }
});

Deno.test("route by caller: who may not is told so, on every route", async (test) => {
  await using h = await createHarness();
  for (const [operation, described] of Object.entries<Endpoint>(ENDPOINTS)) {
    const path = described.path.replace(/\{(\w+)\}/g, (_, key: string) => SAMPLE[key] ?? "x");
    const init = {
      method: described.method,
      ...(described.method === "GET" || described.method === "DELETE" ? {} : { body: "{}" }),
    };
    for (const caller of [CALLERS.root, CALLERS.node, CALLERS.anonymous]) {
      await test.step(`${operation} as ${caller.kind}`, async () => {
        const response = caller.kind === "node"
          ? await h.agent.request(path, init)
          : await h.app.fetch(new Request(`http://x${path}`, init), caller);
        await response.body?.cancel();
        const { scope } = described;
        const { status } = response;
        const allowed = caller.kind === "node"
          ? scope === "agent"
          : scope === "login" || caller.kind === "root" && scope !== "agent" && scope !== "enroll";
        assert.equal(status === 403 || status === 401, !allowed, `${status}`);
        const asksWho = lacksSignature(caller, scope) ||
          caller.kind === "anonymous" && !allowed;
        assert.equal(status === 401, asksWho);
      });
    }
  }
});

Deno.test("odd paths lead nowhere", async () => {
  await using h = await createHarness();
  for (
    const path of [
      "//api/v1/projects",
      "/api/v1//projects",
      "/api/v1/projects/..%2f..%2fagent/status",
      "/api/v1/projects/%2e%2e/plan",
      "/api/v1/agent%2fstatus",
      "/api/v1/openapi.json/",
    ]
  ) {
    const response = await h.app.fetch(new Request(`http://x${path}`), CALLERS.root);
    await response.body?.cancel();
    assert.equal(response.status, 404, path);
  }
  const asNobody = await h.app.fetch(
    new Request("http://x/api/v1/openapi.json"),
    CALLERS.anonymous,
  );
  await asNobody.body?.cancel();
  assert.equal(asNobody.status, 401);
});
