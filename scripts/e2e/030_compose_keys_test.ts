/** Every key of a compose file that is carried out, seen from inside the container that it shaped. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const COMPOSE = `
name: keys
x-common: &common
  init: true
  stop_grace_period: 1s
services:
  all:
    <<: *common
    build:
      context: ./image
      args: { GREETING: moin }
    entrypoint: ["sh", "-c"]
    command: ["sleep 100000"]
    env_file: [./more.env]
    environment:
      PLAIN: "a value with spaces"
      FROM_ENV: \${CALLER:-fallback}
      DOLLARS: "$$HOME"
    labels: { example.org/team: plant }
    user: "1000:1000"
    working_dir: /tmp
    hostname: keeper
    read_only: true
    cap_drop: [ALL]
    cap_add: [NET_RAW]
    stop_signal: SIGINT
    ulimits: { nofile: { soft: 1234, hard: 2345 } }
    extra_hosts: ["peer.example:198.51.100.7"]
    deploy:
      resources:
        limits: { cpus: "0.5", memory: 64M, pids: 50 }
    volumes:
      - data:/data
      - ./conf:/conf:ro
      - ./state:/state
      - type: tmpfs
        target: /scratch
        tmpfs: { size: 1048576 }
    secrets:
      - from_file
      - source: from_command
        target: /run/secrets/renamed
        mode: 0440
        gid: "1000"
    configs:
      - source: inline
        target: /etc/inline.conf
      - source: kept
        target: /etc/kept.conf
        mode: 0440
        gid: "1000"
    healthcheck:
      test: ["CMD-SHELL", "test -f /etc/inline.conf"]
      interval: 5s
      retries: 2
    networks:
      back: { aliases: [keeper.alias] }
    depends_on:
      migrate: { condition: service_completed_successfully }
  migrate:
    <<: *common
    image: localhost/web:1
    command: ["sh", "-c", "echo migrated > /data/migrated"]
    restart: "no"
    volumes: [data:/data]
    networks: [back]
  peer:
    <<: *common
    image: localhost/web:1
    command: ["sleep", "100000"]
    depends_on:
      all: { condition: service_healthy }
    networks: [back, front]
  alone:
    <<: *common
    image: localhost/web:1
    command: ["sleep", "100000"]
    networks: [front]
networks:
  back: { internal: true }
  front: {}
volumes:
  data: {}
secrets:
  from_file: { file: ./secret.txt }
  from_command: { external: true }
configs:
  inline: { content: "key = value\\n" }
  kept: { external: true, name: plant.conf }
`;

Deno.test("compose keys, carried out", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"), { env: { CALLER: "from the caller" } });
  try {
    await box.start();
    await box.image("web:1");
    const folder = await box.project("keys", COMPOSE);
    await Deno.mkdir(`${folder}/image`);
    await Deno.writeTextFile(
      `${folder}/image/Dockerfile`,
      'FROM localhost/web:1\nARG GREETING\nRUN echo "$GREETING" > /etc/greeting && ' +
        "mkdir -p /data && chown 1000:1000 /data\n",
    );
    await Deno.mkdir(`${folder}/conf/deep`, { recursive: true });
    await Deno.writeTextFile(`${folder}/conf/deep/app.conf`, "deep\n");
    await Deno.mkdir(`${folder}/state`);
    await Deno.chown(`${folder}/state`, 1000, 1000);
    await Deno.writeTextFile(`${folder}/more.env`, "# more\nFROM_FILE='quoted value'\n");
    await Deno.writeTextFile(`${folder}/secret.txt`, "the file's secret\n");
    await Deno.writeTextFile(`${folder}/.env`, "UNUSED=1\n");

    await test.step("a secret that is missing is asked for by name, and nothing is applied", async () => {
      const result = await box.run(["apply", "--wait"], { cwd: folder });
      assert.notEqual(result.code, 0);
      assert.match(result.stderr, /from_command/);
      assert.match(result.stderr, /skerry secret set/);
      assert.match(result.stderr, /the external config "plant.conf" is not set/);
    });

    await test.step("with it set, the project comes up", async () => {
      await box.must(["secret", "set", "plant.conf", "-p", "keys"], { stdin: "kept = by name" });
      await box.must(["secret", "set", "from_command", "-p", "keys"], {
        stdin: "the command's secret",
      });
      const { code, stdout, stderr } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 0, stdout + stderr);
      assert.doesNotMatch(stderr, /building/, "built before from the same input");
    });

    const inside = async (...command: string[]) =>
      (await box.must(["exec", "-p", "keys", "all", "--", ...command])).trim();

    await test.step("environment: plain, interpolated, from files, dollars", async () => {
      const env = await inside("env");
      assert.match(env, /^PLAIN=a value with spaces$/m);
      assert.match(env, /^FROM_ENV=from the caller$/m);
      assert.match(env, /^FROM_FILE=quoted value$/m);
      assert.match(env, /^DOLLARS=\$HOME$/m);
    });

    await test.step("user, folder, host name, capabilities, limits", async () => {
      assert.equal(await inside("id", "-u"), "1000");
      assert.equal(await inside("pwd"), "/tmp");
      assert.equal(await inside("hostname"), "keeper");
      assert.match(await inside("cat", "/proc/1/limits"), /Max open files\s+1234\s+2345/);
      // NET_RAW is capability 13 (capabilities(7)).
      assert.match(await inside("cat", "/proc/1/status"), /CapBnd:\s+0000000000002000/);
      assert.match(await inside("cat", "/etc/hosts"), /198\.51\.100\.7\s+peer\.example/);
      const id = (await box.podman.must(["ps", "-q", "--filter", "name=keys.all"])).trim();
      const limits = await box.podman.must([
        ...["inspect", id, "--format"],
        "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.CpuQuota}} " +
        "{{.HostConfig.PidsLimit}} {{.Config.StopSignal}}",
      ]);
      const [memory, nano, quota, pids, signal] = limits.trim().split(" ");
      assert.equal(memory, String(64 * 1024 * 1024));
      assert.ok(Number(nano) === 5e8 || Number(quota) === 50_000, limits);
      assert.equal(pids, "50");
      assert.match(String(signal), /^(2|SIGINT)$/);
    });

    await test.step("mounts: volume, folder of the project, writable bind, tmpfs, read-only root", async () => {
      assert.equal(await inside("cat", "/data/migrated"), "migrated");
      assert.equal(await inside("cat", "/conf/deep/app.conf"), "deep");
      assert.equal(await inside("cat", "/etc/greeting"), "moin");
      assert.equal(await inside("cat", "/etc/inline.conf"), "key = value");
      await inside("sh", "-c", "echo written > /state/file");
      assert.equal(await Deno.readTextFile(`${folder}/state/file`), "written\n");
      assert.match(await inside("df", "/scratch"), /1024/);
      assert.notEqual(
        (await box.run(["exec", "-p", "keys", "all", "--", "touch", "/etc/x"])).code,
        0,
      );
      assert.notEqual(
        (await box.run(["exec", "-p", "keys", "all", "--", "touch", "/conf/x"])).code,
        0,
      );
    });

    await test.step("secrets: files in tmpfs, with their modes, and nowhere else", async () => {
      assert.equal(await inside("cat", "/run/secrets/from_file"), "the file's secret");
      assert.equal(await inside("cat", "/run/secrets/renamed"), "the command's secret");
      assert.match(await inside("ls", "-ln", "/run/secrets/renamed"), /^-r--r-----.* 0\s+1000 /);
      assert.match(await inside("cat", "/proc/mounts"), /\/run\/secrets\/renamed tmpfs ro/);
      const { secretsDir } = box.layout;
      const open = await box.host.must(["find", secretsDir, "-type", "d", "-perm", "/077"]);
      assert.equal(open, "", "nobody but root enters the folders of secrets");
      // No clear text: not in an answer, not on the disk, not in Podman's own files.
      const answers = await box.must(["describe", "service", "all", "-p", "keys", "-o", "json"]) +
        await box.must(["secret", "list", "-o", "json"]) + box.text();
      for (const secret of ["the file's secret", "the command's secret"]) {
        assert.ok(!answers.includes(secret), "no answer and no log line holds a secret");
        const found = await box.host.run([
          ...["grep", "-rlaF", "--exclude-dir=overlay", secret, box.layout.home],
        ]);
        assert.equal(found.stdout, "", `"${secret}" in clear text on disk`);
      }
      const plain = await box.host.run([
        ...["grep", "-rlaF", "--include=control.db*", "a value with spaces", box.layout.home],
      ]);
      assert.equal(plain.stdout, "", "values of variables are not in clear text in the database");
    });

    await test.step("an external config: as its file says, a new value is a new container", async () => {
      assert.equal(await inside("cat", "/etc/kept.conf"), "kept = by name");
      assert.match(await inside("ls", "-ln", "/etc/kept.conf"), /^-r--r-----.* 0\s+1000 /);
      await box.must(["secret", "set", "plant.conf", "-p", "keys"], { stdin: "kept = anew" });
      assert.match(await box.must(["plan"], { cwd: folder }), /config kept: \/etc\/kept.conf/);
      await box.must(["apply", "--wait"], { cwd: folder });
      assert.equal(await inside("cat", "/etc/kept.conf"), "kept = anew");
    });

    await test.step("names: service, alias, search domain; networks keep apart", async () => {
      const ask = (service: string, name: string) =>
        box.run(["exec", "-p", "keys", service, "--", "nslookup", name]);
      assert.equal((await ask("peer", "all")).code, 0);
      assert.equal((await ask("peer", "keeper.alias")).code, 0);
      assert.notEqual((await ask("alone", "all")).code, 0, "no network in common");
      assert.equal((await ask("alone", "peer")).code, 0);
    });

    await test.step("a volume outlives redeploys and delete, and goes only when told", async () => {
      await box.must(["delete", "-p", "keys", "--wait"], { cwd: folder });
      await until(
        "the containers to be gone",
        async () => (await box.podman.must(["ps", "-aq"])).trim() === "",
        60_000,
      );
      assert.match(await box.must(["volume", "list"]), /data/);
      await box.must(["apply", "--wait"], { cwd: folder });
      assert.equal(await inside("cat", "/data/migrated"), "migrated");
      const inUse = await box.run(["volume", "rm", "data", "-p", "keys"]);
      assert.notEqual(inUse.code, 0, "a volume in use stays");
    });
  } finally {
    await box.close();
  }
});
