/** Runs of a service's container by a person: streams, exit codes, volumes, and what is left after. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const COMPOSE = `
name: plant
services:
  web:
    image: localhost/web:1
    init: true
    stop_grace_period: 1s
    environment: { COLOUR: red, SHAPE: round }
    command: ["sh", "-c", "echo plant > /tmp/index.html; exec busybox httpd -f -p 8080 -h /tmp"]
    ports: ["8088:8080"]
    volumes: ["kept:/kept"]
  once:
    image: localhost/web:1
    init: true
    restart: "no"
    stop_grace_period: 1s
    command: ["true"]
    ports: ["8099:8080"]
    post_start:
      - command: ["sh", "-c", "mkdir /tmp/www && echo hooked > /tmp/www/index.html"]
volumes: { kept: {} }
`;

Deno.test("runs", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    let up = await box.start();
    await box.image("web:1");
    const folder = await box.project("plant", COMPOSE);
    await box.must(["apply", "--wait"], { cwd: folder });
    const run = (args: readonly string[], stdin = "") =>
      box.run(["run", ...args], { cwd: folder, stdin });
    const left = async () =>
      (await box.podman.must(["ps", "-a", "--format", "{{.Names}}"])).split("\n")
        .filter((name) => name.includes(".run-"));
    const noneLeft = () => until("no container of a run", async () => (await left()).length === 0);

    await test.step("input, both outputs and the exit code pass through", async () => {
      const script = 'cat; echo "$COLOUR $SHAPE" >&2; exit 7';
      const { code, stdout, stderr } = await run(
        ["-e", "COLOUR=blue", "web", "--", "sh", "-c", script],
        "one\ntwo\n",
      );
      assert.deepEqual({ code, stdout, stderr }, {
        code: 7,
        stdout: "one\ntwo\n",
        stderr: "blue round\n",
      });
      await noneLeft();
    });

    await test.step("it has the service's volumes, and leaves them", async () => {
      assert.equal((await run(["web", "--", "sh", "-c", "echo mine > /kept/file"])).code, 0);
      assert.equal((await run(["web", "--", "cat", "/kept/file"])).stdout, "mine\n");
    });

    await test.step("what cannot be run is told, and nothing is left", async () => {
      const { code, stderr } = await run(["web", "--", "nonsense"]);
      assert.notEqual(code, 0);
      assert.match(stderr, /nonsense|No such file/);
      assert.match((await run(["nobody", "--", "true"])).stderr, /no service "nobody"/);
      await noneLeft();
    });

    await test.step("a name, the service's ports and what follows its start", async () => {
      const serve = "while [ ! -e /tmp/www/index.html ]; do sleep 0.1; done; " +
        "exec busybox httpd -f -p 8080 -h /tmp/www";
      const asked = ["--name", "mine", "--service-ports", "once", "--", "sh", "-c", serve];
      const running = run(asked);
      const ask = ["curl", "-s", "--max-time", "2", "http://198.18.0.1:8099/"];
      await until(
        "the port to lead to it",
        async () => (await box.host.run(ask)).stdout === "hooked\n",
        30_000,
      );
      assert.match((await run(["--name", "mine", "once"])).stderr, /"mine" is there already/);
      assert.match((await run(["--service-ports", "once"])).stderr, /8099\/tcp of the host leads/);
      await box.podman.must(["stop", "mine"]);
      assert.notEqual((await running).code, 0);
      await until(
        "it to be gone",
        async () =>
          !(await box.podman.must(["ps", "-a", "--format", "{{.Names}}"])).includes("mine"),
      );
    });

    await test.step("its log is kept", async () => {
      await run(["web", "--", "echo", "words to keep"]);
      await until(
        "the log",
        async () => (await box.must(["logs", "web", "-p", "plant"])).includes("words to keep"),
      );
    });

    await test.step("whose agent died is removed when it is back; the service ran on", async () => {
      const started = await box.podman.must(["ps", "--format", "{{.Names}} {{.StartedAt}}"]);
      const running = run(["web", "--", "sleep", "1000"]);
      await until("the run", async () => (await left()).length === 1);
      up.kill("SIGKILL");
      assert.notEqual((await running).code, 0);
      up = await box.start();
      await noneLeft();
      assert.equal(await box.podman.must(["ps", "--format", "{{.Names}} {{.StartedAt}}"]), started);
      assert.equal((await run(["web", "--", "echo", "again"])).stdout, "again\n");
    });
  } finally {
    await box.close();
  }
});
