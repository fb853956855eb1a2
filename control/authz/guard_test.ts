import assert from "node:assert/strict";
import { SCOPES } from "../../shared/api/endpoint.ts";
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { NodeId } from "../../shared/model/ids.ts";
import { HANDLERS } from "../api/routes.ts";
import { createHarness } from "../testing/harness.ts";
import { type Caller, mayUse } from "./caller.ts";

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
  anonymous: { kind: "anonymous" },
} satisfies Record<string, Caller>;

Deno.test("every operation has a scope, a handler, and every scope somebody who has it", () => {
  assert.deepEqual(Object.keys(HANDLERS).sort(), Object.keys(ENDPOINTS).sort());
  for (const [operation, described] of Object.entries(ENDPOINTS)) {
    assert.ok(SCOPES.includes(described.scope), operation);
    assert.match(described.path, /^\/api\/v1\//, operation);
  }
  for (const scope of SCOPES) {
    assert.ok(Object.values(CALLERS).some((caller) => mayUse(caller, scope)), scope);
  }
});

Deno.test("route by caller: who may not is told 403, on every route", async (test) => {
  await using h = await createHarness();
  for (const [operation, described] of Object.entries(ENDPOINTS)) {
    for (const [name, caller] of Object.entries(CALLERS)) {
      await test.step(`${operation} as ${name}`, async () => {
        const path = described.path.replace(/\{(\w+)\}/g, (_, key: string) => SAMPLE[key] ?? "x");
        const response = await h.app.fetch(
          new Request(`http://x${path}`, {
            method: described.method,
            ...(described.method === "GET" || described.method === "DELETE" ? {} : { body: "{}" }),
          }),
          caller,
        );
        await response.body?.cancel();
        const refused = response.status === 403;
        // The node of this table is not known: it is refused behind the scope, too.
        const unknownNode = name === "node" && described.scope === "agent";
        assert.equal(refused, unknownNode || !mayUse(caller, described.scope));
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
  assert.equal(asNobody.status, 403);
});
