import assert from "node:assert/strict";
import { systemClock } from "../../../shared/clock.ts";
import { createFor } from "./contract_specs.ts";
import { startRealPodman } from "./real_fixture.ts";

Deno.test("the streams of a main process, joined before it starts", async (t) => {
  const setup = await startRealPodman();
  const { podman } = setup;
  const run = async (
    name: string,
    n: number,
    script: string,
    terminal: { tty: boolean; stdin: boolean },
    input: string | null,
  ) => {
    const plain = createFor(setup, name, n, ["/bin/sh", "-c", script]);
    const id = await podman.createContainer({ ...plain, spec: { ...plain.spec, terminal } });
    const session = await podman.attach(id, terminal);
    await podman.startContainer(id);
    if (input !== null) await session.write(new TextEncoder().encode(input));
    if (input !== null) await session.closeStdin();
    const text = { stdout: "", stderr: "" };
    for await (const { stream, data } of session.output) {
      text[stream] += new TextDecoder().decode(data);
    }
    const deadline = performance.now() + 20_000;
    while (true) {
      const seen = (await podman.listContainers()).find((each) => each.id === id);
      if (seen?.state === "exited") {
        await podman.removeContainer(id);
        return { ...text, code: seen.exitCode };
      }
      assert.ok(performance.now() < deadline, `it is ${seen?.state}`);
      await systemClock.sleep(50);
    }
  };
  try {
    await t.step("both outputs from the first byte, and the exit code", async () => {
      const script = "echo first; echo second >&2; exit 7";
      const ended = await run("words", 20, script, { tty: false, stdin: false }, null);
      assert.deepEqual(ended, { stdout: "first\n", stderr: "second\n", code: 7 });
    });
    await t.step("input goes in to its end", async () => {
      const ended = await run(
        "cat",
        21,
        "cat; echo end",
        { tty: false, stdin: true },
        "a\nb\n",
      );
      assert.deepEqual(ended, { stdout: "a\nb\nend\n", stderr: "", code: 0 });
    });
    await t.step("much output, all of it", async () => {
      const script = "yes 0123456789012345678901234567890123456789 | head -n 50000";
      const ended = await run("much", 22, script, { tty: false, stdin: false }, null);
      assert.equal(ended.stdout.length, 50_000 * 41);
    });
    await t.step("a terminal", async () => {
      const ended = await run("tty", 23, "[ -t 1 ] && echo yes", { tty: true, stdin: true }, null);
      assert.deepEqual(ended, { stdout: "yes\r\n", stderr: "", code: 0 });
    });
  } finally {
    await setup.close();
  }
});
