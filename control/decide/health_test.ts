import assert from "node:assert/strict";
import { testService } from "../testing/models.ts";
import { healthCheckOf, probePortOf } from "./health.ts";

Deno.test("the port to try: routed, else exposed, else published; never udp", () => {
  const ports = [
    { mode: "ingress" as const, target: 53, protocol: "udp" as const },
    { mode: "ingress" as const, target: 81, protocol: "tcp" as const },
  ];
  assert.equal(probePortOf(testService()), null);
  assert.equal(probePortOf(testService({ ports })), 81);
  assert.equal(probePortOf(testService({ ports, expose: ["54/udp", "82-84"] })), 82);
  const routes = [{ path: "/", port: 83, tls: "both" as const }];
  assert.equal(probePortOf(testService({ ports, "x-skerry": { routes } })), 83);
});

Deno.test("CMD, CMD-SHELL, NONE and disable", () => {
  const command = (healthcheck: NonNullable<Parameters<typeof testService>[0]>["healthcheck"]) => {
    const check = healthCheckOf(testService(healthcheck === undefined ? {} : { healthcheck }));
    return check.kind === "exec" ? check.command : check.kind;
  };
  assert.deepEqual(command({ test: ["CMD", "pg_isready", "-U", "a"] }), ["pg_isready", "-U", "a"]);
  assert.deepEqual(command({ test: ["CMD-SHELL", "a || b"] }), ["/bin/sh", "-c", "a || b"]);
  assert.equal(command({ test: ["NONE"] }), "none");
  assert.equal(command({ test: ["CMD", "x"], disable: true }), "none");
  assert.equal(command(undefined), "none");
});

Deno.test("durations are read, and x-skerry.health goes before healthcheck", () => {
  const check = healthCheckOf(testService({
    healthcheck: { test: ["CMD", "x"], interval: "1m30s", timeout: "2s", retries: 0 },
  }));
  assert.ok(check.kind === "exec");
  assert.deepEqual([check.intervalMs, check.timeoutMs, check.retries], [90_000, 2000, 3]);
  const own = healthCheckOf(testService({
    healthcheck: { test: ["CMD", "x"] },
    "x-skerry": { health: { http: "/up", port: 8080, interval: "5s" } },
  }));
  assert.ok(own.kind === "http");
  assert.deepEqual([own.path, own.port, own.intervalMs], ["/up", 8080, 5000]);
});

Deno.test("without a test the image's own counts, with the times that are written; none is none", () => {
  const of = (healthcheck: NonNullable<Parameters<typeof testService>[0]>["healthcheck"]) =>
    healthCheckOf(testService(healthcheck === undefined ? {} : { healthcheck }));
  assert.deepEqual(of(undefined), { kind: "none", probePort: null });
  assert.deepEqual(of({ interval: "5s", retries: 0 }), {
    kind: "none",
    probePort: null,
    imageTiming: { intervalMs: 5000 },
  });
  for (const none of [{ disable: true }, { test: ["NONE"] }]) {
    assert.deepEqual(of(none), { kind: "none", probePort: null, ignoresImage: true });
  }
});
