/** The examples of the API's documentation, run as they stand there. */
import assert from "node:assert/strict";
import { createHarness } from "../../control/testing/harness.ts";
import { testModel, testRequest, testService } from "../../control/testing/models.ts";

const PAGE = new URL("../../ui/docs/api.md", import.meta.url);
const SOCKET = "/run/skerry/control.sock";

Deno.test("every example with curl in the documentation works", async (test) => {
  await using h = await createHarness();
  await h.api.createRelease("shop", testRequest(testModel("shop", { web: testService() })));
  await h.agent.settle();
  const path = `${h.folder}/control.sock`;
  const server = Deno.serve(
    { path, onListen: () => undefined },
    (request) => h.app.fetch(request, { kind: "root", via: "socket" }),
  );
  try {
    const text = await Deno.readTextFile(PAGE);
    const blocks = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((found) => found[1] ?? "");
    assert.ok(blocks.length >= 6);
    for (const block of blocks) {
      await test.step(block.split("\n")[0]?.slice(-60) ?? "", async () => {
        const done = await new Deno.Command("sh", {
          args: ["-eu", "-c", block.replaceAll(SOCKET, path)],
          stdin: "null",
        }).output();
        const decoder = new TextDecoder();
        const said = decoder.decode(done.stdout) + decoder.decode(done.stderr);
        assert.equal(done.code, 0, `${block}\n${said}`);
        assert.doesNotMatch(said, /"code":/, "a problem");
      });
    }
  } finally {
    await server.shutdown();
  }
});
