/** Hooks, a resolver of one's own, others' volumes, inline Dockerfiles: seen from inside containers. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const compose = (hook: string) => `
name: hooks
services:
  app:
    build:
      context: ./image
      dockerfile_inline: |
        FROM localhost/web:1
        RUN cat /etc/hosts > /built-with && mkdir -p /state && chown 1000:1000 /state
        COPY part /part
      labels: { example.org/team: plant }
      tags: ["example.org/app:7"]
      extra_hosts: ["peer.example:198.51.100.7"]
    init: true
    stop_grace_period: 1s
    command: ["sleep", "100000"]
    label_file: ./app.labels
    labels: { org.example.two: own }
    dns: [198.18.0.1]
    volumes:
      - state:/state
      - folder:/folder
    post_start:
      - command: ["sh", "-c", ${JSON.stringify(hook)}]
        user: "1000"
        working_dir: /tmp
        environment: { SECRET_WORD: hidden }
    pre_stop:
      - command: ["sh", "-c", "echo $$WORD > /state/stopped"]
        environment: { WORD: bye }
  follower:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    command: ["sh", "-c", "cat /state/ready > /tmp/found; exec sleep 100000"]
    depends_on: [app]
    volumes_from: ["app:ro"]
volumes:
  state: {}
  folder: { driver: local, driver_opts: { type: none, o: bind, device: ./kept } }
`;
const GOOD = "sleep 1; echo $$(id -u) $$(pwd) $$SECRET_WORD > /state/ready";

Deno.test("hooks, builds, resolvers and others' volumes", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    await box.start();
    await box.image("web:1");
    const folder = await box.project("hooks", compose(GOOD));
    await Deno.mkdir(`${folder}/image`);
    await Deno.mkdir(`${folder}/kept`);
    await Deno.writeTextFile(`${folder}/image/part`, "a part\n");
    await Deno.writeTextFile(`${folder}/kept/file`, "kept on the host\n");
    await Deno.writeTextFile(`${folder}/app.labels`, "org.example.one=1\norg.example.two=file\n");
    const inside = async (service: string, line: string) =>
      (await box.must(["exec", "-p", "hooks", service, "--", "sh", "-c", line])).trim();

    await test.step("it comes up; who depends on it found what the hook made", async () => {
      const { code, stdout, stderr } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 0, stdout + stderr);
      assert.equal(await inside("follower", "cat /tmp/found"), "1000 /tmp hidden");
      assert.equal(await inside("app", "echo ${SECRET_WORD-unset}"), "unset");
      assert.equal(await inside("follower", "cat /folder/file"), "kept on the host");
      assert.match(await inside("follower", "echo x > /state/x 2>&1 || echo refused"), /refused/);
    });

    await test.step("the build's hosts, part, label and further name", async () => {
      assert.match(await inside("app", "cat /built-with"), /198\.51\.100\.7\s+peer\.example/);
      assert.equal(await inside("app", "cat /part"), "a part");
      const format = '{{index .Labels "example.org/team"}}';
      assert.equal(
        (await box.podman.must(["image", "inspect", "example.org/app:7", "--format", format]))
          .trim(),
        "plant",
      );
    });

    await test.step("labels of files; internal names with servers of its own", async () => {
      const id = (await box.podman.must(["ps", "-q", "--filter", "name=hooks.app"])).trim();
      const format =
        '{{index .Config.Labels "org.example.one"}} {{index .Config.Labels "org.example.two"}}';
      assert.equal((await box.podman.must(["inspect", id, "--format", format])).trim(), "1 own");
      assert.match(await inside("app", "nslookup follower"), /Address.*\d+\.\d+/);
    });

    await test.step("a hook that fails fails the release; the old one serves on", async () => {
      await Deno.writeTextFile(
        `${folder}/compose.yaml`,
        compose("echo the disk is not there >&2; exit 3").replace(
          "    label_file",
          "    x-skerry: { health: { deadline: 5s } }\n    label_file",
        ),
      );
      const { code } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 1);
      await until("the old one to run alone", async () => {
        const names = await box.podman.must([
          "ps",
          "--filter",
          "name=hooks.app",
          "--format",
          "{{.Names}}",
        ]);
        return names.trim().split("\n").length === 1 &&
          await inside("app", "cat /state/ready") !== "";
      });
    });

    await test.step("what is to run before the stop ran", async () => {
      await box.must(["delete", "-p", "hooks", "--wait"], { cwd: folder });
      const path = (await box.podman.must([
        ...["volume", "inspect", "--format", "{{.Mountpoint}}", "--all"],
      ])).trim().split("\n").find((each) => each.includes("hooks.state"));
      await until("the volume's file", async () => {
        const text = await Deno.readTextFile(`${path}/stopped`).catch(() => "");
        return text === "bye\n";
      });
    });
  } finally {
    await box.close();
  }
});
