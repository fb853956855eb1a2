/** The keys that existing compose files bring along, seen from inside the containers that they shaped. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";

const COMPOSE = `
name: brought
version: "3.8"
include: [parts/extra.yaml]
services:
  base:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    environment: { LEVEL: base, KEPT: "yes" }
    profiles: [never]
  web:
    extends: base
    profiles: !reset []
    container_name: the-web
    command: ["sleep", "100000"]
    environment: { LEVEL: web }
    links: ["db:database"]
    mem_limit: 64m
    memswap_limit: 96m
    cpus: 0.5
    pids_limit: 60
    shm_size: 8m
    tmpfs: ["/run:size=1m,mode=0700,noexec"]
    sysctls: { net.ipv4.ip_unprivileged_port_start: 80 }
    group_add: ["4711"]
    devices: ["/dev/null:/dev/modem"]
    security_opt: ["no-new-privileges:true"]
    tty: true
    stdin_open: true
    dns_search: [example.com]
    annotations: { example.com/kept: "yes" }
    logging: { driver: json-file, options: { max-size: 10m } }
    platform: linux/amd64
    volumes: [/var/nameless]
    deploy: { restart_policy: { condition: any }, labels: { a: b } }
  db:
    extends: { service: base }
    profiles: !reset []
    command: ["sleep", "100000"]
  onhost:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    network_mode: host
    command: ["httpd", "-f", "-p", "8099", "-h", "/www"]
    x-skerry:
      routes: [{ host: onhost.test, port: 8099 }]
  apart:
    image: localhost/web:1
    init: true
    network_mode: none
    command: ["sleep", "100000"]
`;
const EXTRA = `
services:
  extra:
    image: localhost/web:1
    init: true
    command: ["sleep", "100000"]
    volumes: ["./files:/files:ro"]
    environment: { FROM: "\${EXTRA_VALUE}" }
`;

Deno.test("files that were written for others", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    await box.start();
    await box.image("web:1", { "www/index.html": "on the host\n" });
    const folder = await box.project("brought", COMPOSE);
    await Deno.mkdir(`${folder}/parts/files`, { recursive: true });
    await Deno.writeTextFile(`${folder}/parts/extra.yaml`, EXTRA);
    await Deno.writeTextFile(`${folder}/parts/.env`, "EXTRA_VALUE=of its own\n");
    await Deno.writeTextFile(`${folder}/parts/files/one`, "beside the included file\n");
    const inside = async (service: string, line: string) =>
      (await box.must(["exec", "-p", "brought", service, "--", "sh", "-c", line])).trim();

    await test.step("it goes in; what changes nothing is noted, what reaches the host is marked", async () => {
      const { code, stdout, stderr } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 0, stdout + stderr);
      for (const noted of ["version", "logging", "labels"]) {
        assert.match(stderr, new RegExp(`"${noted}" changes nothing here`));
      }
      assert.match(stdout + stderr, /service "onhost" reaches the host \(network_mode: host/);
      const services = JSON.parse(await box.must(["get", "services", "-o", "json"]));
      assert.ok(!JSON.stringify(services).includes('"base"'), "its profile is not on");
    });

    await test.step("extends, include, environment files of the included project", async () => {
      assert.equal(await inside("web", "echo $LEVEL $KEPT"), "web yes");
      assert.equal(
        await inside("extra", "cat /files/one; echo $FROM"),
        [
          "beside the included file",
          "of its own",
        ].join("\n"),
      );
    });

    await test.step("limits, devices, groups, tmpfs, kernel settings, terminal", async () => {
      assert.match(await inside("web", "cat /proc/1/status"), /NoNewPrivs:\s+1/);
      assert.match(await inside("web", "id -G"), /\b4711\b/);
      assert.equal(await inside("web", "[ -c /dev/modem ] && echo device"), "device");
      assert.equal(await inside("web", "cat /proc/sys/net/ipv4/ip_unprivileged_port_start"), "80");
      const mounts = await inside("web", "cat /proc/mounts");
      assert.match(mounts, /tmpfs \/run tmpfs \S*noexec\S*size=1024k,mode=700/);
      assert.match(mounts, /\/dev\/shm tmpfs \S*size=8192k/);
      assert.match(mounts, / \/var\/nameless /);
      const id = (await box.podman.must(["ps", "-q", "--filter", "name=brought.web"])).trim();
      const inspected = await box.podman.must([
        ...["inspect", id, "--format"],
        "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}} {{.Config.Tty}}",
      ]);
      assert.equal(inspected.trim(), `${64 << 20} ${96 << 20} 60 true`);
    });

    await test.step("names: the container's own, and what the linking service calls another", async () => {
      assert.match(await inside("db", "nslookup the-web"), /10\.200\.9\./);
      assert.match(await inside("web", "nslookup database.brought.internal"), /10\.200\.9\./);
      assert.match(await inside("web", "cat /etc/resolv.conf"), /search .*example\.com/);
    });

    await test.step("the host's network is routed to; no network is none", async () => {
      const page = await lab.host("box").run([
        ...["curl", "-sS", "--max-time", "5", "-H", "Host: onhost.test", "http://127.0.0.1/"],
      ]);
      assert.equal(page.stdout, "on the host\n", page.stderr);
      assert.equal(await inside("apart", "ls /sys/class/net"), "lo");
    });

    await test.step("its name answers with the node's address, where its own ports are reached", async () => {
      assert.equal(await inside("web", "wget -qO- http://onhost:8099/"), "on the host");
      const own = await inside("web", "nslookup onhost.brought.internal");
      const gateway = /nameserver (\S+)/.exec(await inside("web", "cat /etc/resolv.conf"))?.[1];
      assert.ok(gateway !== undefined && own.split("\n").at(-1)?.includes(gateway), own);
      // Nothing else of the host: not the ingress, which listens on all of its addresses.
      assert.equal(await inside("web", "wget -T 3 -qO- http://onhost:80/ || echo no"), "no");
    });

    await test.step("a second apply changes nothing; the profile brings its service", async () => {
      const plan = JSON.parse(await box.must(["plan", "-o", "json"], { cwd: folder }));
      assert.equal(plan.changes, false);
      const with_ = await box.must(["config", "--profile", "never", "-o", "json"], { cwd: folder });
      assert.ok(Object.keys(JSON.parse(with_).services).includes("base"));
    });
  } finally {
    await box.close();
  }
});
