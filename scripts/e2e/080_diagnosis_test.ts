/** What people are told of services that do not run as they should: by name, with their last words. */
import assert from "node:assert/strict";
import { z } from "zod";
import { NodeEvent } from "../../shared/model/event.ts";
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
    let up = await box.start();
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

    const events = async (...args: readonly string[]) => {
      const text = await box.must(["events", "-p", "ill", "-o", "json", ...args]);
      return z.array(NodeEvent).parse(JSON.parse(text));
    };

    await test.step("events tell it in order, each thing once, also after up was killed", async () => {
      const kinds = (found: readonly NodeEvent[]) => found.map(({ kind }) => kind);
      /** Once it is in them: what is told and what is reported go their own ways. */
      const having = async (service: string, ...wanted: readonly NodeEvent["kind"][]) => {
        let found: NodeEvent[] = [];
        await until(`${wanted} of ${service}`, async () => {
          found = await events(service);
          return wanted.every((each) => kinds(found).includes(each));
        }, 60_000);
        return found;
      };
      const before = await having("well", "named", "healthy");
      // Names lead to the only one of a service before it is healthy, too.
      const life = kinds(before).filter((kind) => kind !== "named");
      assert.deepEqual(life, ["wanted", "created", "started", "healthy"], JSON.stringify(before));
      assert.equal(before.length, life.length + 1);
      const eaten = kinds(await having("eater", "killed_for_memory"));
      assert.ok(eaten.includes("killed_for_memory"), eaten.join());
      const looped = kinds(await having("loops", "crash_loop"));
      assert.equal(looped.filter((kind) => kind === "crash_loop").length, 1);
      const told = looped.filter((kind) => kind === "exited" || kind === "crash_loop");
      assert.equal(told.indexOf("crash_loop"), 3, told.join());
      const id = await box.podman.must(["ps", "--quiet", "--filter", "name=ill.well"]);
      up.kill("SIGKILL");
      await up.status;
      up = await box.start();
      await box.podman.must(["kill", "--signal", "KILL", id.trim()]);
      const well = async () => kinds(await events("well"));
      await until(
        "the second start of well",
        async () => (await well()).filter((kind) => kind === "started").length === 2,
        60_000,
      );
      const after = await events("well");
      assert.deepEqual(after.slice(0, before.length), before);
      const rest = kinds(after.slice(before.length));
      assert.ok(rest.indexOf("exited") >= 0 && rest.indexOf("exited") < rest.indexOf("started"));
      assert.match(await describe("well"), /Events\n[^]*exited with code 137/);
      assert.ok((await events("well", "--tail", "2")).length === 2);
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
