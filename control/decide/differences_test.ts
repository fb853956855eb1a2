import assert from "node:assert/strict";
import { createHarness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { variableField } from "./differences.ts";

const withWord = (word: string) =>
  testRequest(testModel("shop", {
    web: testService({
      environment: { A: "1" },
      post_start: [{ command: ["true"], environment: { WORD: word } }],
    }),
  }));

Deno.test("variables of hooks are called as in the compose file, and their values are never shown", async () => {
  assert.equal(variableField("=post_start.0.NAME"), "post_start[0].environment.NAME");
  assert.equal(variableField("=pre_stop.12.a.b"), "pre_stop[12].environment.a.b");
  assert.equal(variableField("NAME"), "environment.NAME");
  await using h = await createHarness();
  h.link.images.set("docker.io/library/web:1", { digest: null, id: "1".repeat(64), volumes: [] });
  await h.api.createRelease("shop", withWord("secret one"));
  const { services } = await h.api.plan("shop", withWord("secret two"));
  assert.deepEqual(services[0]?.fields, [
    { field: "post_start[0].environment.WORD", old: "(set)", new: "(another value)" },
  ]);
});
