/** What people are told of services that do not run as they should: by name, with their last words. */
import assert from "node:assert/strict";
import { createBox } from "./box.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";

const COMPOSE = `
name: ill
x-common: &common
  image: localhost/web:1
  init: true
  stop_grace_period: 1s
services:
  well:
    <<: *common
    command: ["sleep", "100000"]
  eater:
    <<: *common
    init: false
    mem_limit: 24m
    command: ["sh", "-c", "echo i begin to eat; sleep 1; exec dd if=/dev/zero of=/dev/null bs=200M"]
  loops:
    <<: *common
    command: ["sh", "-c", "echo cannot find my database >&2; exit 3"]
`;

Deno.test("what went wrong is said", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  try {
    await box.start();
    await box.image("web:1");
    const folder = await box.project("ill", COMPOSE);
    await box.must(["apply"], { cwd: folder });
    const describe = (service: string) => box.must(["describe", "service", service, "-p", "ill"]);
    /** The description once it says so: a report may lag behind what is so. */
    const told = async (service: string, pattern: RegExp) => {
      let text = "";
      await until(`${service}: ${pattern}`, async () => {
        text = await describe(service);
        return pattern.test(text);
      }, 90_000);
      return text;
    };

    await test.step("beyond its memory: told as such, with the limit", async () => {
      await told("eater", /it was killed because it used more than its 24 MiB of memory/);
    });

    await test.step("a crash loop: named, counted, with when it goes on and its last lines", async () => {
      const text = await told("loops", /crash loop: it exited with code 3, \d+ times in a row/);
      assert.match(text, /next try at \d\d:\d\d:\d\d UTC/);
      assert.match(text, /Last lines of its log\n\s+cannot find my database/);
    });

    await test.step("the one beside them is left alone", async () => {
      assert.match(await told("well", /it is as wished/), /1 of 1 running/);
    });

    await test.step("an apply that fails shows what the service wrote", async () => {
      const failing = COMPOSE.replace("well:", "well:\n    x-skerry: { health: { deadline: 3s } }")
        .replace('["sleep", "100000"]', '["sh", "-c", "echo no such plant; sleep 1; exit 7"]');
      await Deno.writeTextFile(`${folder}/compose.yaml`, failing);
      const { code, stderr } = await box.run(["apply", "--wait"], { cwd: folder });
      assert.equal(code, 1, stderr);
      assert.match(stderr, /well wrote at last:\n\s+no such plant/);
    });
  } finally {
    await box.close();
  }
});
