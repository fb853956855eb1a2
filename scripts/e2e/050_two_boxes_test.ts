/**
 * Two Skerries on one host, each with a home, ports and a range of its own, do not meet; what is
 * taken already is named; and after a delete nothing of a project is left running.
 */
import assert from "node:assert/strict";
import { type Box, createBox } from "./box.ts";
import { containersOf, inconsistencies } from "./consistency.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const HOST = "198.18.0.1";
const WANTED = { web: 1, client: 1 };

const compose = (whose: string, port: number) => `
services:
  web:
    image: localhost/web:1
    init: true
    command: ["sh", "-c", "echo ${whose} > /www/index.html; exec httpd -f -p 8080 -h /www"]
    ports: ["${port}:8080"]
    volumes: ["data:/data"]
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
  client:
    image: localhost/web:1
    init: true
    command: ["sleep", "100000"]
volumes: { data: {} }
`;

/** Command lines of all processes of this host that name a path. */
async function processesNaming(path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const line = await Deno.readTextFile(`/proc/${name}/cmdline`).catch(() => "");
    if (line.includes(path)) found.push(line.replaceAll("\0", " ").trim());
  }
  return found;
}

Deno.test("two skerries on one host", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${HOST}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const laptop = lab.host("laptop");
  const host = lab.host("box");
  const one = createBox(host, { home: "one" });
  const two = createBox(host, {
    home: "two",
    dnsPort: 7553,
    containerCidr: "10.210.9.0/24",
    env: {
      SKERRY_HTTP_PORT: "8080",
      SKERRY_HTTPS_PORT: "8443",
      SKERRY_LISTEN: "127.0.0.1:7543",
    },
  });
  const third = createBox(host, {
    home: "three",
    containerCidr: "10.220.9.0/24",
    env: { SKERRY_HTTPS_PORT: "9443", SKERRY_LISTEN: "127.0.0.1:7643" },
  });
  const boxes: readonly (readonly [Box, string, number, number, string])[] = [
    [one, "first", 80, 8100, "10.200.9."],
    [two, "second", 8080, 8200, "10.210.9."],
  ];
  const ask = async (port: number) => {
    const argv = ["curl", "-s", "--max-time", "3", "-H", "Host: shop.test"];
    return (await laptop.run([...argv, `http://${HOST}:${port}/`])).stdout.trim();
  };
  const isWell = async (box: Box, whose: string, routePort: number, port: number) => {
    const wrong = await inconsistencies(box, "shop", WANTED);
    return wrong.length === 0 && await ask(routePort) === whose && await ask(port) === whose;
  };
  try {
    const ups = await Promise.all([one.start(), two.start()]);
    for (const [box, whose, , port] of boxes) {
      await box.image("web:1");
      const cwd = await box.project(`${whose}/shop`, compose(whose, port));
      await box.must(["apply", "--wait", "-p", "shop"], { cwd });
    }

    await test.step("each serves its own, by route and by port", async () => {
      for (const [box, whose, routePort, port] of boxes) {
        await until(`${whose} to be well`, () => isWell(box, whose, routePort, port), 30_000);
      }
    });

    await test.step("each finds its own by name, and cannot reach the other's", async () => {
      const addresses: string[] = [];
      for (const [box, , , , range] of boxes) {
        const inside = (...argv: string[]) =>
          box.run(["exec", "-T", "-p", "shop", "client", "--", ...argv]);
        const { stdout } = await inside("nslookup", "web.shop.internal");
        const found = [...stdout.slice(stdout.indexOf("Name:")).matchAll(/10\.\d+\.\d+\.\d+/g)]
          .map((match) => match[0]);
        assert.ok(found.length > 0 && found.every((each) => each.startsWith(range)), stdout);
        addresses.push(found[0] ?? "");
      }
      for (const [index, [box]] of boxes.entries()) {
        const inside = (address: string | undefined) =>
          box.run([
            ...["exec", "-T", "-p", "shop", "client", "--", "sh", "-c"],
            `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | timeout 3 nc ${address} 8080`,
          ]);
        assert.match((await inside(addresses[index])).stdout, /first|second/);
        assert.doesNotMatch((await inside(addresses[1 - index])).stdout, /first|second/);
      }
    });

    await test.step("a third with the first one's port says so and disturbs nobody", async () => {
      const up = await third.start();
      let said = "";
      await until("it to be said", async () => {
        said = (await third.run(["get", "nodes"])).stdout;
        return /cannot listen on 0\.0\.0\.0:80: "traefik"/.test(said);
      }, 30_000).catch((thrown) => {
        throw new Error(`${said}\n${third.text().slice(-3_000)}`, { cause: thrown });
      });
      assert.equal(await ask(80), "first");
      await up.stop();
      await third.close();
    });

    await test.step("after delete and a stop nothing of the project runs; the other goes on", async () => {
      await one.must(["delete", "-p", "shop", "--wait"]);
      assert.deepEqual(await containersOf(one, "shop"), []);
      assert.equal((await one.podman.must(["ps", "--all", "--quiet"])).trim(), "");
      assert.match(await one.podman.must(["volume", "ls", "--quiet"]), /data/);
      await ups[0]?.stop();
      const left = await processesNaming(one.layout.home);
      // Engines outlive skerry on purpose; nothing else does.
      const other = left.filter((line) => !/podman .*system service|traefik /.test(line));
      assert.deepEqual(other, []);
      const ports = await host.must(["ip", "-o", "link", "show", "master", one.layout.bridge]);
      assert.doesNotMatch(ports, /\bveth/, ports);
      assert.equal(await ask(80), "404 page not found");
      const [, ...rest] = boxes;
      for (const [box, whose, routePort, port] of rest) {
        assert.ok(await isWell(box, whose, routePort, port));
      }
    });

    await test.step("the next apply finds its volume", async () => {
      await one.start();
      const cwd = await one.project("first/shop", compose("first", 8100));
      await one.must(["apply", "--wait", "-p", "shop"], { cwd });
      await until("it to be well", () => isWell(one, "first", 80, 8100), 30_000);
      const volumes = await one.podman.must(["volume", "ls", "--quiet"]);
      assert.equal(volumes.trim().split("\n").length, 1, volumes);
      assert.equal(await ask(8080), "second");
    });
  } finally {
    for (const box of [one, two, third]) await box.close();
  }
});
