/**
 * Coming from Docker. No Docker daemon runs here: a second Podman, which speaks Docker's API and
 * whose containers bear Compose's labels, stands in for it; Docker's volume folders and
 * `docker save` archives stand for themselves.
 */
import assert from "node:assert/strict";
import { folderDigest } from "../../cmd/adopt/folder_copy.ts";
import { type Box, createBox } from "./box.ts";
import { importBusybox } from "./lab/image.ts";
import { createLab } from "./lab/lab.ts";
import { createLabPodman, type LabPodman } from "./lab/podman.ts";
import { until } from "./lab/program.ts";

const BOX = "198.18.0.1";
const never = new AbortController().signal;

const compose = (more = "") => `
services:
  web:
    image: localhost/web:1
    command: ["httpd", "-f", "-p", "8080", "-h", "/data"]
    ports: ["8081:8080"]
    volumes: ["data:/data"]
${more}
  db:
    init: true
    image: localhost/web:1
    command: ["sh", "-c", "while :; do date +%s.%N >> /tmp/log; sleep 0.1; done"]
    volumes: ["db:/tmp"]
volumes:
  data: {}
  db: {}
`;

/** What people and programs leave in a volume; made by busybox, whose names may be any bytes. */
const ODD_FILES = [
  "cd /data",
  "echo brought > index.html",
  "mkdir -p deep/er 'with space' && echo x > deep/er/file && echo y > 'with space/new\nline'",
  `touch "$(printf 'not-utf8-\\377\\376')" -- -rf`,
  "echo secret > deep/closed && chmod 0600 deep/closed && chown 999:998 deep/closed",
  "echo run > setuid && chown 70:70 setuid && chmod 6755 setuid",
  "ln deep/er/file hard && ln -s /nowhere dangling && ln -s deep/er/file soft && mkfifo pipe",
  "mkdir sticky && chmod 1777 sticky && touch -d '2001-02-03 04:05:06' sticky",
  "dd if=/dev/zero of=sparse bs=1 count=1 seek=200000000 2>/dev/null",
  "chown 70:71 . && chmod 0700 .",
].join(" && ");

async function page(box: Box): Promise<string> {
  const argv = ["curl", "-s", "--max-time", "3", `http://${BOX}:8081/`];
  return (await box.host.run(argv)).stdout.trim();
}

/**
 * Of the stand-in, after its containers were stopped and started again: its network was seen to drop
 * packets for some ten seconds then; why was not found out. Nothing of Skerry is on it.
 */
async function oldPage(box: Box): Promise<void> {
  await until("the old page", async () => await page(box) === "brought", 120_000);
}

/** A `docker compose up` of the file above, by hand. */
async function composeUp(old: LabPodman): Promise<void> {
  const labels = (service: string) => [
    ...["--label", "com.docker.compose.project=shop"],
    ...["--label", `com.docker.compose.service=${service}`],
  ];
  for (const volume of ["shop_data", "shop_db"]) await old.must(["volume", "create", volume]);
  await old.must([
    ...["run", "--rm", "--network", "none", "-v", "shop_data:/data"],
    ...["localhost/web:1", "sh", "-c", ODD_FILES],
  ]);
  await old.must([
    ...["run", "-d", "--name", "shop-web-1", ...labels("web"), "--restart", "always"],
    ...["-p", "8081:8080", "-v", "shop_data:/data", "localhost/web:1"],
    ...["httpd", "-f", "-p", "8080", "-h", "/data"],
  ]);
  await old.must([
    ...["run", "-d", "--name", "shop-db-1", ...labels("db"), "-v", "shop_db:/tmp"],
    ...["localhost/web:1", "sh", "-c"],
    "while :; do date +%s.%N >> /tmp/log; sleep 0.1; done",
  ]);
}

async function running(old: LabPodman): Promise<string[]> {
  const text = await old.must(["ps", "--format", "{{.Names}}"]);
  return text.split("\n").filter((each) => each !== "").sort();
}

async function folderOf(podman: LabPodman, volume: string): Promise<string> {
  return (await podman.must(["volume", "inspect", "-f", "{{.Mountpoint}}", volume])).trim();
}

async function ourVolume(box: Box, name: string): Promise<string> {
  return await folderOf(box.podman, `${box.layout.namePrefix}-shop.${name}`);
}

Deno.test("adopt: from an engine (a second Podman stands in for Docker, which cannot run here)", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] }],
  });
  const box = createBox(lab.host("box"));
  const old = await createLabPodman(box.host, "old");
  const socket = `${box.host.dir}/old.sock`;
  try {
    await importBusybox(old, "localhost/web:1");
    const service = box.host.spawn(
      [...old.argv, "system", "service", "--time=0", `unix://${socket}`],
      { env: old.env },
    );
    await composeUp(old);
    const up = await box.start();
    const from = ["--from", socket];
    const both = ["shop-db-1", "shop-web-1"];
    const folder = await box.project("shop", compose());
    const data = await folderOf(old, "shop_data");
    const before = await folderDigest(data, never);
    assert.ok(before.entries >= 14, String(before.entries));

    await test.step("--plan says all and changes nothing", async () => {
      const { code, stderr } = await box.run(["adopt", "--plan", ...from], { cwd: folder });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /volume shop_data: copied to skerry-[0-9a-f]+-shop\.data/);
      assert.match(stderr, /container shop-web-1: stopped, its restart policy always put to no/);
      assert.match(stderr, /image localhost\/web:1 of web: copied/);
      assert.deepEqual(await running(old), both);
      const volumes = await box.podman.must(["volume", "ls", "-q"]);
      assert.equal(volumes.trim(), "");
      assert.equal(JSON.parse(await box.must(["get", "services", "-o", "json"])).length, 0);
    });

    await test.step("without a yes nothing is done", async () => {
      const { code } = await box.run(["adopt", ...from], { cwd: folder });
      assert.equal(code, 2);
      assert.deepEqual(await running(old), both);
    });

    await test.step("one that is killed goes back by --undo", async () => {
      const argv = ["env", `SKERRY_HOME=${box.layout.home}`, "deno", "run", "-A", "--quiet"];
      const main = new URL("../../cmd/main.ts", import.meta.url).pathname;
      const adopt = box.host.spawn(
        [...argv, main, "adopt", "-f", `${folder}/compose.yaml`, "--yes", ...from],
      );
      await adopt.waitFor(/stopping the old shop-web-1|stopping the old shop-db-1/, 60_000);
      adopt.kill("SIGKILL");
      await adopt.status;
      await box.must(["adopt", "--undo", "shop", "--yes"]);
      await until("the old ones to run", async () => (await running(old)).length === 2, 60_000);
      await oldPage(box);
    });

    await test.step("one that does not come up goes back by itself", async () => {
      const bad = await box.project(
        "shop",
        compose("    x-skerry: { health: { http: /nowhere, port: 8080, deadline: 8s } }"),
      );
      const { code, stderr } = await box.run(["adopt", "--yes", ...from], { cwd: bad });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /was not adopted.*the old one runs as before/s);
      await until("the old ones to run", async () => (await running(old)).length === 2, 60_000);
      await oldPage(box);
      // What was started here may have written: its volumes are kept until somebody says so.
      const again = await box.run(["adopt", "--yes", ...from], { cwd: bad });
      assert.match(again.stderr, /Skerry has a volume "skerry-[0-9a-f]+-shop\.data" already/);
      await box.must(["volume", "rm", "data", "db", "-p", "shop", "--yes"]);
      await box.project("shop", compose());
    });

    await test.step("it is adopted with all that its volumes hold", async () => {
      const { code, stderr } = await box.run(["adopt", "--yes", ...from], { cwd: folder });
      assert.equal(code, 0, stderr);
      assert.deepEqual(await running(old), []);
      await until("the page", async () => await page(box) === "brought", 120_000);
      assert.deepEqual(await folderDigest(await ourVolume(box, "data"), never), before);
      assert.deepEqual(await folderDigest(data, never), before, "the old data is as it was");
      const stat = ["stat", "-c", "%u:%g %a", await ourVolume(box, "data")];
      assert.equal((await box.host.must(stat)).trim(), "70:71 700");
      const size = ["stat", "-c", "%b", `${await ourVolume(box, "data")}/sparse`];
      assert.ok(Number(await box.host.must(size)) < 1000, "holes stay holes");
      const logOf = async (path: string) => (await Deno.readTextFile(path)).trimEnd().split("\n");
      const oldLog = await logOf(`${await folderOf(old, "shop_db")}/log`);
      await until("the log to go on", async () => {
        return (await logOf(`${await ourVolume(box, "db")}/log`)).length > oldLog.length + 3;
      }, 60_000);
      const log = await logOf(`${await ourVolume(box, "db")}/log`);
      assert.deepEqual(log.slice(0, oldLog.length), oldLog, "nothing that was written is lost");
      const id = async (podman: LabPodman) =>
        (await podman.must(["image", "inspect", "-f", "{{.Id}}", "localhost/web:1"])).trim();
      assert.equal(await id(box.podman), await id(old));
    });

    await test.step("an apply of the same file changes nothing", async () => {
      const plan = await box.must(["plan"], { cwd: folder });
      assert.match(plan, /nothing changes/);
    });

    await test.step("--undo starts the old one again and tells what was written", async () => {
      const { code, stderr } = await box.run(["adopt", "--undo", "shop", "--yes"]);
      assert.equal(code, 0, stderr);
      assert.match(stderr, /nothing was written to data meanwhile/);
      assert.match(stderr, /db was written to meanwhile/);
      assert.deepEqual(await running(old), both);
      await oldPage(box);
      assert.ok((await Deno.stat(`${await ourVolume(box, "db")}/log`)).isFile);
      const twice = await box.run(["adopt", "--undo", "shop", "--yes"]);
      assert.equal(twice.code, 1);
      assert.match(twice.stderr, /undone already/);
    });

    await up.stop();
    await old.must(["rm", "--all", "--force", "--time", "0"]);
    await service.stop();
  } finally {
    await old.run(["rm", "--all", "--force", "--time", "0"]);
    await box.close();
  }
});

Deno.test("adopt: from Docker's volume folders and an archive of docker save (no Docker daemon runs here)", async () => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] }],
  });
  const box = createBox(lab.host("box"));
  const old = await createLabPodman(box.host, "old");
  try {
    await importBusybox(old, "localhost/web:1");
    const archive = `${box.host.dir}/shop.tar`;
    await old.must(["save", "--format", "docker-archive", "-o", archive, "localhost/web:1"]);
    const volumes = `${box.host.dir}/volumes`;
    for (const name of ["shop_data", "shop_db"]) {
      await Deno.mkdir(`${volumes}/${name}/_data`, { recursive: true });
    }
    await Deno.writeTextFile(`${volumes}/shop_data/_data/index.html`, "from files\n");
    await Deno.chown(`${volumes}/shop_data/_data/index.html`, 1234, 4321);
    const before = await folderDigest(`${volumes}/shop_data/_data`, never);
    await box.start();
    const ready = async () => (await box.podman.run(["version"])).code === 0;
    await until("Podman's socket", ready, 60_000);
    const folder = await box.project("shop", compose());
    const argv = ["adopt", "--yes", "--volumes", volumes, "--images", archive];
    const { code, stderr } = await box.run(argv, { cwd: folder });
    assert.equal(code, 0, stderr);
    await until("the page", async () => await page(box) === "from files", 120_000);
    assert.deepEqual(await folderDigest(await ourVolume(box, "data"), never), before);
  } finally {
    await box.close();
  }
});
