/**
 * The way out that a damaged database names: the files are moved away and an empty one begins.
 * Containers serve all the while, and the next apply finds the volume by its project's name.
 */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const BOX = "198.18.0.1";

const compose = (version: string) => `
services:
  web:
    image: localhost/web:1
    init: true
    command: ["sh", "-c", "echo ${version} > /www/index.html; exec httpd -f -p 8080 -h /www"]
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
`;

Deno.test("an empty database in place of a damaged one", async () => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const box = createBox(lab.host("box"));
  const page = async () => {
    const ask = ["curl", "-s", "--max-time", "3", "-H", "Host: shop.test", `http://${BOX}/`];
    return (await lab.host("laptop").run(ask)).stdout.trim();
  };
  try {
    const up = await box.start();
    await box.image("web:1");
    await box.must(["apply", "--wait"], { cwd: await box.project("shop", compose("one")) });
    await up.stop();
    for (const suffix of ["", "-wal", "-shm"]) {
      const path = box.layout.controlDatabase + suffix;
      await Deno.rename(path, `${path}.away`).catch(() => undefined);
    }
    await box.start();
    assert.equal(await page(), "one");
    let said = "";
    await until("the node to be back", async () => {
      said = (await box.run(["get", "nodes"])).stdout;
      return /\bidle\b/.test(said);
    }, 60_000).catch((thrown) => {
      throw new Error(`${said}\n${box.text().slice(-5_000)}`, { cause: thrown });
    });
    // It knows of nothing that runs, and ends nothing of it.
    for (let look = 0; look < 20; look++) {
      assert.equal(await page(), "one");
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await box.must(["apply", "--wait"], { cwd: await box.project("shop", compose("two")) });
    await until("the new page", async () => await page() === "two", 30_000);
    await until("one container", async () => {
      return (await box.podman.must(["ps", "--quiet"])).trim().split("\n").length === 1;
    }, 30_000);
  } finally {
    await box.close();
  }
});
