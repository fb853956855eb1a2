import assert from "node:assert/strict";
import { systemClock } from "../../shared/clock.ts";
import { DeploymentId, ProjectId } from "../../shared/model/ids.ts";
import { createFor } from "../drivers/podman/contract_specs.ts";
import { startRealPodman } from "../drivers/podman/real_fixture.ts";
import { createLogKeeper } from "./keeper.ts";

const project = ProjectId.parse(`prj_${"a".repeat(26)}`);
const never = new AbortController().signal;

Deno.test("logs of real containers: both streams, long lines, a restart, and a flood", async (t) => {
  const setup = await startRealPodman();
  const { podman } = setup;
  const logsDir = await Deno.makeTempDir({ prefix: "skerry-logs-" });
  const logs = createLogKeeper({
    logsDir,
    logPath: (id) => podman.logPath(id),
    idleMs: 200,
    budget: { totalBytes: 8_000_000, deploymentBytes: 8_000_000 },
  });
  const exited = async (id: string): Promise<void> => {
    while ((await podman.listContainers()).find((c) => c.id === id)?.state !== "exited") {
      await systemClock.sleep(50);
    }
  };
  const track = (letter: string, containerId: string): DeploymentId => {
    const deployment = DeploymentId.parse(`dep_${letter.repeat(26)}`);
    logs.track([{ deployment, project, service: letter, slot: 1, containerId }]);
    return deployment;
  };

  try {
    await t.step(
      "streams, an unfinished line, a line longer than a record, and a restart",
      async () => {
        const script = "echo out; echo err >&2; printf '%20000s\\n' x; printf end";
        const id = await podman.createContainer(
          createFor(setup, "prints", 40, ["/bin/sh", "-c", script]),
        );
        track("a", id);
        for (let run = 0; run < 2; run++) {
          await podman.startContainer(id);
          await exited(id);
        }
        const found: Record<string, string> = { stdout: "", stderr: "" };
        for await (const line of logs.read({ project, follow: false, service: "a" }, never)) {
          found[line.stream] += `${line.text}${line.partial ? "" : "\n"}`;
          assert.match(line.time, /\.\d{9}/);
        }
        assert.equal(found.stderr, "err\nerr\n");
        const once = `out\n${"x".padStart(20_000)}\nend`;
        assert.equal(found.stdout?.replaceAll("end\n", "end"), once + once);
      },
    );

    await t.step(
      "a flood keeps to the budget, its last line is there, the disk is freed",
      async () => {
        const script = "yes flood | head -n 3000000; echo the end";
        const id = await podman.createContainer(
          createFor(setup, "floods", 41, ["/bin/sh", "-c", script]),
        );
        const deployment = track("b", id);
        const path = await podman.logPath(id);
        await podman.startContainer(id);
        await exited(id);
        await logs.flush(deployment);
        const texts: string[] = [];
        const request = { project, follow: false, service: "b", tail: 2 };
        for await (const { text } of logs.read(request, never)) texts.push(text);
        assert.deepEqual(texts, ["flood", "the end"]);
        const source = await Deno.stat(path ?? "");
        assert.ok(source.size > 100_000_000, `${source.size}`);
        const deadline = performance.now() + 10_000;
        const kept = async () => {
          let bytes = 0;
          for await (const { name } of Deno.readDir(`${logsDir}/${deployment}`)) {
            // A segment may go between being listed and being looked at.
            const segment = `${logsDir}/${deployment}/${name}`;
            bytes += await Deno.stat(segment).then((stat) => stat.size, () => 0);
          }
          return bytes;
        };
        while (await kept() > 8_100_000 && performance.now() < deadline) {
          await systemClock.sleep(50);
        }
        assert.ok(await kept() <= 8_100_000, `${await kept()}`);
        await logs.close();
        const blocks = (await Deno.stat(path ?? "")).blocks ?? 0;
        assert.ok(blocks * 512 < 10_000_000, `${blocks * 512} bytes are still on the disk`);
      },
    );
  } finally {
    await logs.close();
    await setup.close();
    await Deno.remove(logsDir, { recursive: true });
  }
});
