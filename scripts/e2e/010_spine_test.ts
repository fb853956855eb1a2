/** The main job: apply, names, routes, a new image under load, a restart under load, a cold boot. */
import assert from "node:assert/strict";
import { z } from "zod";
import { type Box, createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import type { LabHost } from "./lab/host.ts";
import { until } from "./lab/program.ts";

const LOAD = new URL("./load.ts", import.meta.url).pathname;
const BOX = "198.18.0.1";

const compose = (version: number, more = "") => `
services:
  web:
    image: localhost/web:${version}
    init: true
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"]
    deploy: { replicas: 2 }
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 2s }
  client:
    image: localhost/web:1
    init: true
    command: ["sleep", "100000"]
${more}`;

const Load = z.object({
  sent: z.number(),
  bodies: z.record(z.string(), z.number()),
  failed: z.number(),
  failures: z.array(z.string()),
});

async function load(host: LabHost, seconds: number, keepAlive: "yes" | "no") {
  const argv = ["deno", "run", "-A", "--quiet", LOAD, `http://${BOX}/`, "shop.test"];
  const text = await host.must([...argv, String(seconds), keepAlive], {
    timeoutMs: (seconds + 30) * 1000,
  });
  return Load.parse(JSON.parse(text));
}

async function page(host: LabHost): Promise<string> {
  const { stdout } = await host.run([
    ...["curl", "-s", "--max-time", "3", "-H", "Host: shop.test", `http://${BOX}/`],
  ]);
  return stdout.trim();
}

/** Asks from inside a container as its resolver would (`timeout:1 attempts:5`); what was not answered. */
async function askForNames(box: Box, container: string): Promise<readonly string[]> {
  const inspected = await box.podman.must(["inspect", "-f", "{{.State.Pid}}", container]);
  const argv = [
    ...["nsenter", `--net=/proc/${inspected.trim()}/ns/net`],
    ...["dig", "+time=1", "+tries=5", "+short", "web.shop.internal", "@10.200.9.1"],
  ];
  const lost: string[] = [];
  for (let i = 0; i < 40; i++) {
    const { stdout } = await box.host.run(argv);
    if (!stdout.includes("10.200.9.")) lost.push(stdout);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return lost;
}

Deno.test("the spine", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const laptop = lab.host("laptop");
  const box = createBox(lab.host("box"));
  try {
    let up = await box.start();
    await box.image("web:1", { "www/index.html": "version 1\n" });
    await box.image("web:2", { "www/index.html": "version 2\n" });
    await box.image("web:bad", { "www/index.html": "never\n" });

    await test.step("apply --wait brings it up, routed from the LAN", async () => {
      const folder = await box.project("shop", compose(1));
      await box.must(["apply", "--wait"], { cwd: folder });
      assert.equal(await page(laptop), "version 1");
    });

    await test.step("names answer inside, by short and by full name", async () => {
      for (const name of ["web", "web.shop.internal", "web.internal"]) {
        const found = await box.must(["exec", "-p", "shop", "client", "--", "nslookup", name]);
        assert.match(found, /10\.200\.9\.\d+/, name);
      }
    });

    await test.step("a second apply of the same changes nothing", async () => {
      const folder = await box.project("shop", compose(1));
      const before = await box.must(["get", "containers", "-o", "json"]);
      await box.must(["apply", "--wait"], { cwd: folder });
      const ids = (text: string) => [...text.matchAll(/"id": "([0-9a-f]{64})"/g)].map((m) => m[1]);
      assert.deepEqual(ids(await box.must(["get", "containers", "-o", "json"])), ids(before));
    });

    for (const keepAlive of ["yes", "no"] as const) {
      await test.step(`a new image under load loses no request (keep-alive: ${keepAlive})`, async () => {
        const [from, to] = keepAlive === "yes" ? [1, 2] : [2, 1];
        const folder = await box.project("shop", compose(to));
        const loading = load(laptop, 25, keepAlive);
        await box.must(["apply", "--wait"], { cwd: folder });
        const seen = await loading;
        assert.equal(seen.failed, 0, JSON.stringify(seen));
        assert.ok((seen.bodies[`version ${from}`] ?? 0) > 0, JSON.stringify(seen));
        assert.ok((seen.bodies[`version ${to}`] ?? 0) > 0, JSON.stringify(seen));
      });
    }

    await test.step("a restart of skerry under load loses no request", async () => {
      const client = (await box.podman.must(["ps", "-q", "--filter", "name=shop.client"])).trim();
      const asking = askForNames(box, client);
      const loading = load(laptop, 12, "no");
      up.kill("SIGKILL");
      await up.status;
      up = await box.start();
      const seen = await loading;
      assert.equal(seen.failed, 0, JSON.stringify(seen));
      assert.deepEqual(await asking, [], "no name was lost");
    });

    await test.step("a replacement that never gets healthy leaves the old one serving", async () => {
      const bad = compose(1).replace("http: /index.html", "http: /nowhere, deadline: 8s");
      const folder = await box.project("shop", bad.replace("web:1\n", "web:bad\n"));
      const result = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(result.code, 1, result.stdout + result.stderr);
      assert.equal(await page(laptop), "version 1");
      await until("the rollout to be undone", async () => {
        const text = await box.must(["get", "containers", "-o", "json"]);
        return !text.includes("web:bad");
      }, 30_000);
      assert.equal(await page(laptop), "version 1");
    });

    await test.step("cold boot with the control plane cut", async () => {
      up.kill("SIGKILL");
      await up.status;
      await box.podman.must(["stop", "--all", "--time", "1"]);
      await box.start("agent");
      await until("the page to be back", async () => await page(laptop) === "version 1", 30_000);
    });
  } finally {
    await box.close();
  }
});
