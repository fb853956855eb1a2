/**
 * A box whose whole home, with its data and Podman's storage, lies on one small disk, which fills:
 * first it is told of, then it is full to the last byte. What runs goes on, people get in and make
 * room, nothing that was acknowledged is lost, and with room all goes on as before.
 */
import assert from "node:assert/strict";
import { readSpace } from "../../shared/disk_space.ts";
import { reserveBytes, type Space, usedPercent } from "../../shared/model/disk.ts";
import { createHomeDisk } from "../faults/disk.ts";
import { type Box, createBox } from "./box.ts";
import { containersOf } from "./consistency.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const BOX = "198.18.0.1";
const MIB = 1024 ** 2;
const DISK_MIB = 640;
/** What a box keeps back on such a disk, for bad days. */
const RESERVE_MIB = 8;
/** Loaded by a person, and needed by nothing. */
const SPARE_MIB = 120;

const shop = (version: number) => `
name: shop
services:
  web:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    environment: { VERSION: "${version}" }
    command: ["sh", "-c", "echo version $$VERSION > /www/index.html; exec httpd -f -p 8080 -h /www"]
    secrets: [token]
    volumes: ["data:/data", "./site.conf:/site.conf:ro"]
    x-skerry:
      routes: [{ host: shop.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 1s }
  client:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "echo the client is up; exec sleep 100000"]
volumes: { data: {} }
secrets: { token: { external: true } }
`;

const wiki = `
name: wiki
services:
  page:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
`;

const built = `
name: built
services:
  app:
    build: .
`;

function space(box: Box): Space {
  const found = readSpace(`${box.host.root}${box.layout.home}`);
  assert.ok(found);
  return found;
}

/** Takes space until so many bytes are free. */
async function fillTo(box: Box, name: string, freeBytes: number): Promise<void> {
  const bytes = Math.floor(space(box).freeBytes - freeBytes);
  await box.host.must(["fallocate", "-l", String(bytes), `${box.layout.home}/${name}`]);
}

/** All that there is, and then the last blocks too. */
async function fillToTheBrim(box: Box): Promise<void> {
  for (const [name, size] of [["filler", "1M"], ["filler.last", "4k"], ["filler.byte", "1"]]) {
    const argv = ["dd", "if=/dev/zero", `of=${box.layout.home}/${name}`, `bs=${size}`];
    const { stderr } = await box.host.run([...argv, "oflag=append", "conv=notrunc,fsync"]);
    assert.match(stderr, /No space left/);
  }
}

Deno.test("a disk that fills to the brim, and is emptied again", async (test) => {
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.0.2/24" }] },
    ],
  });
  const box = createBox(lab.host("box"));
  await createHomeDisk(box.host, box.layout.home, DISK_MIB);
  const laptop = lab.host("laptop");
  const page = async () => {
    const ask = ["curl", "-s", "--max-time", "3", "-H", "Host: shop.test", `http://${BOX}/`];
    return (await laptop.run(ask)).stdout.trim();
  };
  /** As a container's resolver asks, from its own network. */
  const name = async () => {
    const client = (await containersOf(box, "shop")).find((each) => each.service === "client");
    const id = client?.container?.id;
    assert.ok(id);
    const pid = await box.podman.must(["inspect", "-f", "{{.State.Pid}}", id]);
    const dig = ["dig", "+time=2", "+tries=5", "+short", "web.shop.internal", "@10.200.9.1"];
    return await box.host.must(["nsenter", `--net=/proc/${pid.trim()}/ns/net`, ...dig]);
  };
  const running = async () =>
    (await containersOf(box, "shop")).map((each) => `${each.service} ${each.container?.id}`).sort();
  const inside = (command: string) =>
    box.must(["exec", "-T", "-p", "shop", "web", "--", "sh", "-c", command]);
  const level = async (): Promise<unknown> =>
    JSON.parse(await box.must(["get", "nodes", "-o", "json"]))[0]?.disk?.level;
  const reserve = async () => (await Deno.stat(`${box.host.root}${box.layout.ballast}`)).size;
  const serves = async (version: number) => {
    assert.equal(await page(), `version ${version}`);
    assert.match(await name(), /^10\.200\.9\.\d+$/m);
  };

  try {
    let up = await box.start();
    await box.image("web:1");
    await box.image("spare:1", { "ballast.bin": "spare\n".repeat(SPARE_MIB * MIB / 6) });
    const archive = `${box.host.dir}/spare.tar`;
    await box.must(["image", "save", "-f", archive, "localhost/spare:1"]);
    await box.must(["image", "rm", "localhost/spare:1"]);
    await box.must(["image", "load", "-i", archive]);
    await Deno.remove(archive);
    await box.must(["secret", "set", "token", "-p", "shop"], { stdin: "before" });
    const folder = await box.project("shop", shop(1));
    const conf = (text: string) => Deno.writeTextFile(`${folder}/site.conf`, text);
    await conf("first");
    await box.must(["apply", "--wait"], { cwd: folder });
    await until(
      "the reserve",
      async () => await reserve() >= RESERVE_MIB * MIB,
      60_000,
    );
    await inside("echo kept > /data/line; sync");
    const wikiFolder = await box.project("wiki", wiki);
    await box.must(["apply", "--wait"], { cwd: wikiFolder });
    const builtFolder = await box.project("built", built);
    await Deno.writeTextFile(`${builtFolder}/Dockerfile`, "FROM localhost/web:1\nRUN true\n");

    await test.step("long before it is full it is told, and all goes on", async () => {
      assert.ok(usedPercent(space(box)) < 80, JSON.stringify(space(box)));
      await fillTo(box, "filler", DISK_MIB * MIB * 0.12);
      await until("the node to say so", async () => await level() === "filling", 180_000);
      const told = /the disk is \d+ % full \(told from 85 % on\), [\d.]+ MiB are free; /;
      await until(
        "the verdict",
        async () => told.test(await box.must(["get", "nodes"])),
        180_000,
      );
      const described = await box.must(["describe", "node"]);
      assert.match(described, told);
      assert.match(described, /skerry image prune/);
      await until(
        "the event",
        async () => told.test(await box.must(["events", "--tail", "50"])),
        60_000,
      );
      const doctor = await box.run(["doctor"]);
      assert.match(doctor.stdout, /disk +warning +.*told from 85 % on/);
      await Deno.writeTextFile(`${folder}/compose.yaml`, shop(2));
      await conf("second");
      const applied = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(applied.code, 0, applied.stderr);
      assert.match(applied.stderr, /warning: .*told from 85 % on/);
      assert.match(applied.stderr, /skerry image prune/);
      await serves(2);
    });

    await fillToTheBrim(box);
    const before = await running();

    await test.step("full to the last byte, what runs goes on and can be looked at", async () => {
      // Some of the reserve may have been given back since.
      assert.ok(space(box).freeBytes < RESERVE_MIB * MIB);
      await serves(2);
      assert.deepEqual(await running(), before);
      await until("the node to say so", async () => await level() === "full", 60_000);
      for (
        const args of [
          ["get", "services"],
          ["get", "containers"],
          ["get", "projects"],
          ["describe", "service", "web", "-p", "shop"],
          ["events"],
          ["image", "list"],
          ["secret", "list"],
          ["image", "prune", "--dry-run"],
        ]
      ) await box.must(args);
      assert.match(await box.must(["logs", "client", "-p", "shop"]), /the client is up/);
    });

    await test.step("what would take more is refused, with the way out; nothing is changed", async () => {
      const releases = await box.must(["get", "releases", "-o", "json"]);
      await conf("third");
      const refused = [
        await box.run(["apply", "--wait"], { cwd: folder }),
        await box.run(["apply", "--wait"], { cwd: builtFolder }),
        await box.run(["image", "pull", "198.18.0.2:5000/other:1"]),
      ];
      for (const { code, stderr } of refused) {
        assert.equal(code, 1, stderr);
        assert.match(stderr, /is refused, nothing was changed: .*(100|99) % full/);
        assert.match(stderr, /skerry image prune/);
      }
      assert.equal(await box.must(["get", "releases", "-o", "json"]), releases);
    });

    await test.step("it comes back after a kill", async () => {
      up.kill("SIGKILL");
      await up.status;
      // Whoever filled it goes on, and takes what was given back.
      await fillToTheBrim(box);
      up = await box.start();
      await serves(2);
      assert.deepEqual(await running(), before);
    });

    await fillToTheBrim(box);
    await test.step("a secret, a delete and a prune are done from the reserve", async () => {
      await box.must(["secret", "set", "token", "-p", "shop"], { stdin: "after" });
      await box.must(["delete", "-p", "wiki", "--wait"]);
      assert.deepEqual(await containersOf(box, "wiki"), []);
      assert.ok(await reserve() < RESERVE_MIB * MIB, "some of the reserve was given back");
      const pruned = JSON.parse(await box.must(["image", "prune", "-o", "json"]));
      assert.equal(pruned.removed.length, 1, JSON.stringify(pruned));
      assert.deepEqual(pruned.stayed, []);
      assert.ok(space(box).freeBytes > SPARE_MIB * MIB / 2, JSON.stringify(space(box)));
      await serves(2);
    });

    await test.step("with room made all goes on, and all that was acknowledged is there", async () => {
      await box.host.must(["sh", "-c", `rm -f ${box.layout.home}/filler*`]);
      assert.ok(space(box).freeBytes > reserveBytes(space(box)));
      await until("the node to be well", async () => await level() === "ok", 180_000);
      await Deno.writeTextFile(`${folder}/compose.yaml`, shop(3));
      const applied = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(applied.code, 0, applied.stderr);
      await serves(3);
      assert.equal((await inside("cat /data/line")).trim(), "kept");
      assert.equal((await inside("cat /run/secrets/token")).trim(), "after");
      assert.equal((await inside("cat /site.conf")).trim(), "third");
      const releases: readonly { state: string }[] = JSON.parse(
        await box.must(["get", "releases", "-p", "shop", "-o", "json"]),
      );
      assert.deepEqual(releases.map(({ state }) => state), ["done", "done", "done"]);
      await until(
        "the reserve to be whole again",
        async () => await reserve() >= RESERVE_MIB * MIB,
        180_000,
      );
      const nodes = await box.must(["get", "nodes"]);
      assert.doesNotMatch(nodes, /told from/);
    });
  } catch (thrown) {
    throw new Error(box.text(), { cause: thrown });
  } finally {
    await box.close();
  }
});
