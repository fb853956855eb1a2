/**
 * What containers use is measured, kept over a kill -9, shown by `skerry top`, and scraped by a real
 * Prometheus over HTTPS, by a token and the home's own authority.
 */
import assert from "node:assert/strict";
import { z } from "zod";
import { LatestView } from "../../shared/model/metrics.ts";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { requirePrograms } from "./lab/leftovers.ts";
import { outputOf, until } from "./lab/program.ts";
import { overSocket } from "./socket_api.ts";

const COMPOSE = `
name: shop
services:
  web:
    image: localhost/web:1
    init: true
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"]
    stop_grace_period: 1s
    mem_limit: 64m
    x-skerry: { health: { http: /index.html, port: 8080, interval: 1s } }
  busy:
    image: localhost/web:1
    init: true
    command: ["sh", "-c", "while true; do :; done"]
    stop_grace_period: 1s
    cpus: 0.25
`;
const WITHIN_MS = 120_000;

const Queried = z.object({
  status: z.literal("success"),
  data: z.object({
    result: z.array(z.object({
      metric: z.record(z.string(), z.string()),
      value: z.tuple([z.number(), z.string()]),
    })),
  }),
});

const config = (folder: string) => `
global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
${
  ["skerry", "stranger"].map((job) => `
  - job_name: ${job}
    scheme: https
    authorization: { credentials_file: ${folder}/${job}.token }
    tls_config: { ca_file: ${folder}/ca.crt }
    static_configs: [{ targets: ["127.0.0.1:7443"] }]
`).join("")
}`;

Deno.test("metrics are measured, kept, shown and scraped", async (test) => {
  await requirePrograms({ prometheus: "prometheus", promtool: "prometheus" });
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const host = lab.host("box");
  const box = createBox(host);
  try {
    const process = await box.start();
    await box.image("web:1", { "www/index.html": "shop" });
    const folder = await box.project("shop", COMPOSE);
    await box.must(["apply", "--wait"], { cwd: folder });

    await test.step("skerry top: what each container uses, by its limits", async () => {
      const look = async () =>
        LatestView.parse(JSON.parse(await box.must(["top", "--once", "-o", "json"])));
      await until("both containers to be seen", async () => {
        const { containers } = await look();
        return containers.length === 2 && containers.every(({ values }) => values.cpu !== null);
      }, WITHIN_MS);
      const { containers, values, node } = await look();
      assert.equal(node, "box");
      assert.ok((values.memory ?? 0) > 0 && (values.cpu ?? 0) > 0);
      const [busy, web] = ["busy", "web"].map((name) =>
        containers.find(({ service }) => service === name)
      );
      assert.ok(busy && web);
      assert.ok((busy.values.cpu ?? 0) > (web.values.cpu ?? 0));
      assert.equal(web.bounds.memory, 64 * 1024 ** 2);
      assert.equal(busy.bounds.cpu, 0.25);
      assert.ok((web.values.memory ?? 0) > 0 && (web.values.memory ?? 0) < 64 * 1024 ** 2);
      // Its health checks come over the network.
      assert.ok((web.values.network_rx ?? 0) > 0);
      assert.match(await box.must(["top", "--once"]), /^box {2}CPU [\s\S]*shop +busy\/1 /);
    });

    const known = async () => {
      const to = Date.now();
      const range = { from: to - 600_000, to, points: 60 };
      const view = await overSocket(
        box.layout,
        (api) => api.serviceMetrics("shop", "busy", range),
      );
      const cpu = view.series.find(({ name }) => name === "cpu");
      return { from: view.from, stepMs: view.stepMs, points: cpu?.points ?? [] };
    };

    await test.step("what was measured is kept over a kill -9", async () => {
      const count = async () => (await known()).points.filter((point) => point !== null).length;
      await until("two minutes of figures", async () => await count() >= 8, 240_000);
      const before = await count();
      process.kill("SIGKILL");
      await process.status;
      await box.start();
      // A minute, the last batch, may be missing.
      await until("the figures of before", async () => await count() >= before - 7, WITHIN_MS);
      await until("figures of now", async () => {
        const { points } = await known();
        return points.slice(-3).some((point) => point !== null);
      }, WITHIN_MS);
    });

    await test.step("a real Prometheus scrapes it, by a token; without a good one it does not", async () => {
      const room = `${host.dir}/prometheus`;
      await Deno.mkdir(room);
      const { token, pem } = await overSocket(box.layout, async (api) => {
        await api.createAccount({
          name: "watcher",
          grants: [{ role: "viewer", project: null }],
          password: "a long password of a watcher",
        });
        const made = await api.createToken({ name: "prometheus" }, "watcher");
        return { token: made.token, pem: (await api.authority()).pem };
      });
      await Deno.writeTextFile(`${room}/skerry.token`, token);
      await Deno.writeTextFile(`${room}/stranger.token`, `skt_${"0".repeat(40)}`);
      await Deno.writeTextFile(`${room}/ca.crt`, pem);
      await Deno.writeTextFile(`${room}/prometheus.yml`, config(room));
      host.spawn([
        "prometheus",
        `--config.file=${room}/prometheus.yml`,
        `--storage.tsdb.path=${room}/data`,
        "--web.listen-address=127.0.0.1:9090",
      ]);
      const query = async (text: string) => {
        const { code, stdout } = await host.run([
          ...["curl", "-sfG", "http://127.0.0.1:9090/api/v1/query"],
          ...["--data-urlencode", `query=${text}`],
        ]);
        return code === 0 ? Queried.parse(JSON.parse(stdout)).data.result : [];
      };
      const valueOf = async (text: string) => Number((await query(text))[0]?.value[1] ?? "NaN");
      await until("a scrape", async () => await valueOf('up{job="skerry"}') === 1, WITHIN_MS);
      await until(
        "the stranger's scrape",
        async () => await valueOf('up{job="stranger"}') === 0,
        WITHIN_MS,
      );
      assert.deepEqual(await query('skerry_build_info{job="stranger"}'), []);
      assert.equal(await valueOf('skerry_service_slots_running{project="shop",service="web"}'), 1);
      assert.equal(await valueOf('skerry_node_online{node="box"}'), 1);
      const limit = 'skerry_container_memory_limit_bytes{service="web",slot="1"}';
      assert.equal(await valueOf(limit), 64 * 1024 ** 2);
      await until("a rate of the busy one", async () => {
        const cpu = 'rate(skerry_container_cpu_seconds_total{service="busy"}[30s])';
        return await valueOf(cpu) > 0.05;
      }, WITHIN_MS);
      await until("checks to be counted", async () => {
        return await valueOf('skerry_health_checks_total{result="passed"}') > 0;
      }, WITHIN_MS);
    });

    await test.step("promtool has nothing to say about the document", async () => {
      const curl = ["curl", "-sf", "--unix-socket", box.layout.controlSocket, "http://x/metrics"];
      const document = outputOf(curl, await host.run(curl));
      const { code, stdout, stderr } = await host.run(["promtool", "check", "metrics"], {
        stdin: document,
      });
      assert.equal(code, 0, stdout + stderr);
      assert.equal(stdout + stderr, "");
    });
  } catch (thrown) {
    throw new Error(box.text().slice(-6_000), { cause: thrown });
  } finally {
    await box.close();
  }
});
