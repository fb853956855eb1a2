import assert from "node:assert/strict";
import fc from "fast-check";
import { exposition } from "../../shared/metrics/exposition.ts";
import { FAMILIES, type FamilyName } from "../../shared/metrics/families.ts";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";

const NAMES = Object.keys(FAMILIES).filter((name): name is FamilyName => name in FAMILIES);

/** What `promtool check metrics` says of a document; empty: nothing. */
async function promtool(document: string): Promise<string> {
  const child = new Deno.Command("promtool", {
    args: ["check", "metrics"],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(document));
  await writer.close();
  const { code, stdout, stderr } = await child.output();
  const text = new TextDecoder();
  return code === 0 ? "" : text.decode(stdout) + text.decode(stderr);
}

Deno.test("promtool finds nothing wrong with any family, nor with odd labels", async () => {
  const labels = { project: 'a"b\\c\nd', service: "é", node: "{}", version: "1" };
  const document = exposition(NAMES.map((name) => ({ name, labels, value: 1.5 })));
  assert.equal(await promtool(document), "");
  for (const name of NAMES) assert.ok(document.includes(`# TYPE ${name} `), name);
});

Deno.test("whatever the labels and values, each line of a document is a line of the format", () => {
  const sample = fc.record({
    name: fc.constantFrom(...NAMES),
    labels: fc.dictionary(fc.constantFrom("project", "service", "slot", "node"), fc.string()),
    value: fc.double(),
  });
  fc.assert(fc.property(fc.array(sample), (samples) => {
    for (const line of exposition(samples).split("\n")) {
      assert.match(
        line,
        /^($|# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{([a-z]+="([^"\\\n]|\\[\\"n])*",?)+\})? (\+Inf|-Inf|NaN|[0-9.e+-]+))$/,
      );
    }
  }));
});

Deno.test("one document of control plane and agent: checked by promtool, for those who may read all", async () => {
  await using h = await createHarness();
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService({}) })));
  h.link.told.push({
    name: "skerry_container_cpu_seconds_total",
    labels: { project: "shop", service: "web", slot: "1" },
    value: 7,
  });
  const ask = (vouched: Parameters<typeof h.app.fetch>[1]) =>
    h.app.fetch(new Request("http://localhost/metrics"), vouched);
  const response = await ask({ kind: "root", via: "socket" });
  assert.equal(response.status, 200);
  assert.match(response.headers.get("content-type") ?? "", /^text\/plain; version=0\.0\.4/);
  const document = await response.text();
  assert.equal(await promtool(document), "");
  for (
    const line of [
      'skerry_container_cpu_seconds_total{project="shop",service="web",slot="1"} 7',
      'skerry_service_slots_wanted{project="shop",service="web"} 1',
      'skerry_http_requests_total{operation="createRelease",code="202"} 1',
      'skerry_build_info{version="0.0.0"} 1',
    ]
  ) {
    assert.ok(document.includes(`\n${line}\n`), line);
  }
  assert.match(document, /^process_resident_memory_bytes \d+$/m);
  assert.match(
    document,
    /^skerry_certificate_expiry_timestamp_seconds\{certificate="authority"\}/m,
  );
  const refused = await ask({ kind: "anonymous", address: "192.0.2.1", secure: true });
  await refused.body?.cancel();
  assert.equal(refused.status, 401);
});

Deno.test("a node that tells nothing does not keep the rest from being told", async () => {
  await using h = await createHarness();
  h.link.samples = () => Promise.reject(new Error("it is gone"));
  const response = await h.app.fetch(
    new Request("http://localhost/metrics"),
    { kind: "root", via: "socket" },
  );
  assert.match(await response.text(), /^skerry_node_online\{/m);
});
