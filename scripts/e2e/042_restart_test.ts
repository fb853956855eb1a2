/** `skerry restart`: no request lost, one replica after the other, and on over an end of the control plane. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";
import { overSocket } from "./socket_api.ts";

const LOAD = new URL("./load.ts", import.meta.url).pathname;
const BOX = "198.18.0.1";

/** `web` is replaced beside the old one; `data` writes a volume, so that the old one stops first. */
const COMPOSE = `
services:
  web: &web
    image: localhost/web:1
    init: true
    stop_grace_period: 2s
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"]
    deploy: { replicas: 2 }
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
  data:
    <<: *web
    volumes: ["data:/data"]
    x-skerry:
      routes: [{ host: data.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
volumes: { data: {} }
`;

Deno.test("a restart of a service", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const box = createBox(lab.host("box"));
  const step = async (name: string, act: () => Promise<void>) => {
    if (!await test.step(name, act)) throw new Error(`this failed: ${name}`);
  };
  const running = async (service: string) =>
    await overSocket(box.layout, async (api) =>
      (await api.containers("shop"))
        .filter((each) => each.service === service && each.want === "run")
        .map((each) => each.container?.id ?? ""));
  /** Asks without a pause for as long as the work goes on. */
  const underLoad = async (host: string, seconds: number, work: () => Promise<unknown>) => {
    const argv = ["deno", "run", "-A", "--quiet", LOAD, `http://${BOX}/`, host];
    const loading = lab.host("laptop").must([...argv, String(seconds), "no"], {
      timeoutMs: (seconds + 60) * 1000,
    });
    await work();
    const seen: { sent: number; failed: number } = JSON.parse(await loading);
    assert.equal(seen.failed, 0, JSON.stringify(seen));
    assert.ok(seen.sent > 50, JSON.stringify(seen));
  };
  try {
    let up = await box.start();
    await box.image("web:1", { "www/index.html": "here\n" });
    await box.must(["apply", "--wait"], { cwd: await box.project("shop", COMPOSE) });

    for (const [service, host] of [["web", "shop.test"], ["data", "data.test"]] as const) {
      await step(`${service}: each container is another one, and no request is lost`, async () => {
        const before = await running(service);
        assert.equal(before.length, 2);
        await underLoad(host, 40, () => box.must(["restart", "-p", "shop", service, "--wait"]));
        const after = await running(service);
        assert.equal(after.length, 2);
        assert.ok(after.every((id) => !before.includes(id)), `${before} ${after}`);
      });
    }

    await step("one after the other: the second waits for the first", async () => {
      const begun = await box.run(["rollout", "restart", "-p", "shop", "web", "--wait"]);
      assert.equal(begun.code, 0, begun.stderr);
      assert.match(begun.stdout + begun.stderr, /web\/2 .*waits for replica 1/);
    });

    await step(
      "an end of control plane and agent on the way: it goes on, and is done",
      async () => {
        const before = await running("web");
        await underLoad("shop.test", 60, async () => {
          await box.must(["restart", "-p", "shop", "web"]);
          up.kill("SIGKILL");
          await up.stop();
          up = await box.start();
          await until("the restart to end", async () => {
            const [newest] = await overSocket(box.layout, (api) => api.releases("shop"));
            return newest?.state === "done";
          }, 60_000);
        });
        const after = await running("web");
        assert.ok(after.length === 2 && after.every((id) => !before.includes(id)));
      },
    );

    await step("the next apply of the files finds nothing to do", async () => {
      const plan = await box.must(["plan"], { cwd: `${box.host.dir}/shop` });
      assert.match(plan, /nothing/i);
    });
  } catch (thrown) {
    throw new Error(`${thrown}\n${box.text().slice(-4_000)}`, { cause: thrown });
  } finally {
    await box.close();
  }
});
