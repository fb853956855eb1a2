/** Services that live in another's network, process and IPC namespaces, seen from inside their containers. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const compose = (level: string) => `
name: shared
services:
  vpn:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    container_name: the-vpn
    command: ["sh", "-c", "echo ${level} > /dev/shm/level; exec sleep 100000"]
    ports: ["8091:8090"]
    environment: { LEVEL: "${level}" }
  torrent:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    network_mode: service:vpn
    command: ["httpd", "-f", "-p", "8090", "-h", "/www"]
    container_name: torrents
    x-skerry:
      routes: [{ host: torrent.test, port: 8090 }]
  probe:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done"]
    pid: container:the-vpn
    ipc: service:vpn
  peer:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
`;

Deno.test("network_mode, pid and ipc of another service", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    await box.start();
    await box.image("web:1", { "www/index.html": "behind the vpn\n" });
    const folder = await box.project("shared", compose("one"));
    const inside = async (service: string, line: string) =>
      (await box.must(["exec", "-p", "shared", service, "--", "sh", "-c", line])).trim();
    const page = async (...args: string[]) =>
      (await lab.host("box").run(["curl", "-sS", "--max-time", "5", ...args])).stdout;
    const addressOf = async (name: string) =>
      /Address: (10\.200\.9\.\d+)\s*$/m.exec(await inside("peer", `nslookup ${name}`))?.[1];
    const containers = async () =>
      (await box.podman.must(["ps", "-a", "--format", "{{.ID}} {{.Names}}"])).trim().split("\n")
        .filter((line) => line !== "");
    /** The service answers by every way that leads to it, and lives where vpn does. */
    const together = async () => {
      await until(
        "the published port",
        async () => await page("http://127.0.0.1:8091/") === "behind the vpn\n",
        60_000,
      );
      await until(
        "the route",
        async () =>
          await page("-H", "Host: torrent.test", "http://127.0.0.1/") === "behind the vpn\n",
        60_000,
      );
      const vpn = await addressOf("vpn");
      assert.ok(vpn !== undefined);
      for (const name of ["torrent", "torrents", "torrent.shared.internal"]) {
        assert.equal(await addressOf(name), vpn, name);
      }
      assert.equal(
        await inside("peer", "nc torrent 8090 < /dev/null > /dev/null && echo open"),
        "open",
      );
      assert.match(
        await inside("torrent", "ip -o -4 addr"),
        new RegExp(vpn.replaceAll(".", "\\.")),
      );
      assert.equal(await inside("torrent", "nslookup peer > /dev/null && echo found"), "found");
      const [own, others] = [await inside("vpn", "readlink /proc/self/ns/pid"), "probe"];
      assert.equal(await inside(others, "readlink /proc/self/ns/pid"), own);
      assert.match(await inside("probe", "cat /proc/1/cmdline | tr '\\0' ' '"), /sleep 100000/);
      return vpn;
    };

    await test.step("they come up in their order, and are reached at the host's address", async () => {
      const { code, stdout, stderr } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 0, stdout + stderr);
      await together();
      assert.equal(await inside("probe", "cat /dev/shm/level"), "one");
      const plan = JSON.parse(await box.must(["plan", "-o", "json"], { cwd: folder }));
      assert.equal(plan.changes, false);
    });

    await test.step("when the host's container is killed, they are together again", async () => {
      const before = await inside("vpn", "readlink /proc/self/ns/net");
      const id = (await containers()).find((line) => line.includes("shared.vpn"))?.split(" ")[0];
      assert.ok(id !== undefined);
      await box.podman.must(["kill", "--signal", "KILL", id]);
      await until("another network namespace", async () => {
        const { code, stdout } = await box.run([
          ...["exec", "-p", "shared", "torrent", "--", "readlink", "/proc/self/ns/net"],
        ]);
        return code === 0 && stdout.trim() !== before;
      }, 60_000);
      await until(
        "the probe",
        async () => (await box.run(["exec", "-p", "shared", "probe", "--", "true"])).code === 0,
        60_000,
      );
      await together();
    });

    await test.step("when the host is replaced, they are made anew after it, and apply waits for that", async () => {
      const old = await addressOf("vpn");
      await Deno.writeTextFile(`${folder}/compose.yaml`, compose("two"));
      const planned = await box.run(["plan"], { cwd: folder });
      assert.match(planned.stdout + planned.stderr, /"torrent" are made anew after that of "vpn"/);
      const { code, stdout, stderr } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 0, stdout + stderr);
      assert.equal(await inside("probe", "cat /dev/shm/level"), "two");
      assert.notEqual(await together(), old);
      assert.equal((await containers()).length, 4);
    });

    await test.step("all of it goes", async () => {
      await box.must(["delete", "-p", "shared", "--wait"], { cwd: folder });
      await until(
        "the containers to be gone",
        async () => (await containers()).length === 0,
        60_000,
      );
    });
  } finally {
    await box.close();
  }
});
