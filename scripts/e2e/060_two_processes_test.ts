/** `skerry control` and `skerry agent` as two processes: each may end without the other. */
import assert from "node:assert/strict";
import { z } from "zod";
import { type Box, createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import type { LabHost } from "./lab/host.ts";
import { until } from "./lab/program.ts";

const BOX = "198.18.0.1";
/** A node that has not reported for a minute is not online. */
const OFFLINE_WITHIN_MS = 90_000;

const compose = (version: number) => `
services:
  web:
    image: localhost/web:${version}
    init: true
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"]
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
`;

const Nodes = z.array(z.object({ online: z.boolean() }));

async function online(box: Box): Promise<boolean> {
  const nodes = Nodes.parse(JSON.parse(await box.must(["get", "nodes", "-o", "json"])));
  assert.equal(nodes.length, 1);
  return nodes.every((node) => node.online);
}

async function page(laptop: LabHost): Promise<string> {
  const ask = ["curl", "-s", "--max-time", "3", "-H", "Host: shop.test", `http://${BOX}/`];
  return (await laptop.run(ask)).stdout.trim();
}

async function running(box: Box): Promise<string> {
  const { stdout } = await box.podman.run(["ps", "--quiet", "--filter", "name=shop.web"]);
  return stdout.trim();
}

Deno.test("control plane and agent as two processes", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const laptop = lab.host("laptop");
  const box = createBox(lab.host("box"));
  try {
    let control = await box.start("control");
    let agent = await box.start("agent");
    await box.image("web:1", { "www/index.html": "version 1\n" });
    await box.image("web:2", { "www/index.html": "version 2\n" });

    await test.step("the agent joins by the token that is left, which then goes", async () => {
      await until("the node", () => online(box), 60_000);
      const token = `${box.layout.runDir}/join-token`;
      await until("no token", () => Deno.stat(token).then(() => false, () => true));
    });

    await test.step("apply --wait brings it up", async () => {
      await box.must(["apply", "--wait"], { cwd: await box.project("shop", compose(1)) });
      assert.equal(await page(laptop), "version 1");
    });

    await test.step("sessions say plainly that they are not there", async () => {
      const { code, stderr } = await box.run(["logs", "-p", "shop", "web"]);
      assert.equal(code, 1);
      assert.match(stderr, /logs, events, exec and builds are not there yet for node "box"/);
    });

    await test.step("without its control plane the agent starts again what dies", async () => {
      control.kill("SIGKILL");
      await control.status;
      const id = await running(box);
      assert.notEqual(id, "");
      await box.podman.must(["kill", "--signal", "KILL", id]);
      await until("the page", async () => await page(laptop) === "version 1", 30_000);
      assert.notEqual(await running(box), "");
    });

    await test.step("an agent started without its control plane brings up what it knew", async () => {
      agent.kill("SIGKILL");
      await agent.status;
      await box.podman.must(["kill", "--signal", "KILL", await running(box)]);
      agent = await box.start("agent");
      await until("the page", async () => await page(laptop) === "version 1", 30_000);
    });

    await test.step("with its control plane back the next apply is carried out", async () => {
      control = await box.start("control");
      await box.must(["apply", "--wait"], { cwd: await box.project("shop", compose(2)) });
      assert.equal(await page(laptop), "version 2");
      assert.equal(await online(box), true);
    });

    await test.step("an agent that is killed is not online before long; what runs goes on", async () => {
      agent.kill("SIGKILL");
      await agent.status;
      await until("the node to be offline", async () => !await online(box), OFFLINE_WITHIN_MS);
      assert.equal(await page(laptop), "version 2");
      const { code, stderr } = await box.run(["logs", "-p", "shop", "web"]);
      assert.equal(code, 1);
      assert.match(stderr, /node "box" is not connected/);
    });
  } catch (thrown) {
    throw new Error(box.text().slice(-8_000), { cause: thrown });
  } finally {
    await box.close();
  }
});
