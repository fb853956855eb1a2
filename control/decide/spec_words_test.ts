import assert from "node:assert/strict";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

type Service = Parameters<typeof testService>[0];

/** What a plan says of a change of one service. */
async function changes(before: Service, after: Service): Promise<string[]> {
  await using h = await createHarness();
  const request = (service: Service) =>
    testRequest(testModel("shop", { web: testService(service), db: testService() }));
  await h.api.createRelease("shop", request(before));
  const { services } = await h.api.plan("shop", request(after));
  const web = services.find(({ service }) => service === "web");
  return (web?.fields ?? []).map((each) => `${each.field}: ${each.old} -> ${each.new}`);
}

Deno.test("a plan speaks as the compose file does", async () => {
  assert.deepEqual(
    await changes({}, {
      command: ["serve", "--port", "80"],
      working_dir: "/srv",
      ports: [{ mode: "ingress", target: 80, published: "8080", protocol: "tcp" }],
      cap_add: ["NET_ADMIN"],
      mem_limit: "268435456",
      read_only: true,
      stop_grace_period: "1m30s",
      restart: "on-failure:3",
      labels: { team: "a" },
      depends_on: { db: { condition: "service_healthy", required: false } },
      healthcheck: { test: ["CMD", "check"], interval: "5s", retries: 2 },
    }),
    [
      "cap_add: null -> NET_ADMIN",
      'command: null -> ["serve","--port","80"]',
      "depends_on: null -> db (healthy, not required)",
      "expose: null -> 80/tcp",
      "healthcheck: the image's, else alive for 3 s -> " +
      '["check"] every 5s, timeout 30s, 2 retries',
      "labels.team: null -> a",
      "mem_limit: null -> 256.0 MiB",
      "ports: null -> 8080:80/tcp",
      "read_only: null -> true",
      "restart: unless-stopped -> on-failure:3",
      "stop_grace_period: 10s -> 1m30s",
      "working_dir: null -> /srv",
    ],
  );
});

Deno.test("what differs beyond what is shown is told all the same", async () => {
  const long = "x".repeat(300);
  const [command] = await changes({ command: [long] }, { command: [`${long}y`] });
  assert(command?.endsWith("… (differs further on)"), command);
  const tmpfs = (mode: number): Service => ({
    volumes: [{ type: "tmpfs", target: "/t", tmpfs: { mode } }],
  });
  assert.deepEqual(await changes(tmpfs(0o700), tmpfs(0o755)), [
    "mounts: (one content) -> (other content)",
  ]);
});
