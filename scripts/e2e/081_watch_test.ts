/** Who watches sees each change once and in order, over new starts of Skerry, and costs next to nothing. */
import assert from "node:assert/strict";
import { z } from "zod";
import { ServiceView } from "../../shared/api/views.ts";
import { NodeEvent } from "../../shared/model/event.ts";
import { createBox } from "./box.ts";
import { countedSocket } from "./counted_socket.ts";
import { createLab } from "./lab/lab.ts";
import { until } from "./lab/program.ts";
import { type Lines, skerryLines } from "./lines.ts";

const compose = (version: number, replicas = 1) => `
name: shop
services:
  web:
    image: localhost/web:${version}
    init: true
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"]
    stop_grace_period: 1s
    deploy: { replicas: ${replicas} }
    x-skerry: { health: { http: /index.html, port: 8080, interval: 1s } }
`;

const Row = z.strictObject({ type: z.enum(["ADDED", "MODIFIED", "DELETED"]), object: ServiceView });
const Described = z.object({ service: ServiceView, events: z.array(NodeEvent) });

/** A quiet watch is asked anew once in half a minute; the question that is held, and one to spare. */
const QUIET_MS = 20_000;
const QUIET_REQUESTS = 2;
const QUIET_BYTES = 8_192;

Deno.test("watching", async (test) => {
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.0.1/24" }] }],
  });
  const box = createBox(lab.host("box"));
  const watchers: Lines[] = [];
  const watching = (args: readonly string[], home?: string) => {
    const lines = skerryLines(box, args, home);
    watchers.push(lines);
    return lines;
  };
  try {
    let up = await box.start();
    await box.image("web:1", { "www/index.html": "version 1\n" });
    await box.image("web:2", { "www/index.html": "version 2\n" });
    const apply = async (version: number, replicas = 1) => {
      const folder = await box.project("shop", compose(version, replicas));
      await box.must(["apply", "--wait"], { cwd: folder });
    };
    await apply(1);

    const rows = watching(["get", "services", "-w", "-o", "json"]);
    const table = watching(["get", "services", "-w"]);
    const description = watching(["describe", "service", "web", "-p", "shop", "-w", "-o", "json"]);
    const text = watching(["describe", "service", "web", "-p", "shop", "-w"]);
    const events = watching(["events", "-w", "-p", "shop", "-o", "json"]);
    const log = watching(["logs", "-f", "-p", "shop", "-o", "json"]);
    const isAsWished = (version: number, replicas = 1) => (line: string) => {
      const { object } = Row.parse(JSON.parse(line));
      return object.image.reference === `localhost/web:${version}` && object.stage === "running" &&
        object.slots.wanted === replicas && object.slots.running === replicas &&
        object.health === "healthy";
    };
    const describes = (version: number) => (line: string) =>
      Described.parse(JSON.parse(line)).service.image.reference === `localhost/web:${version}`;
    const happened = (kind: string) => (line: string) =>
      NodeEvent.parse(JSON.parse(line)).kind === kind;

    let seen = 0;
    await test.step("at first all that there is", async () => {
      seen = await rows.waitFor("the service", isAsWished(1));
      assert.equal(Row.parse(JSON.parse(rows.out[0] ?? "")).type, "ADDED");
      await table.waitFor("the table", (line) => /^PROJECT +SERVICE/.test(line));
      await description.waitFor("the description", describes(1));
      await text.waitFor("the description", (line) => /localhost\/web:1/.test(line));
      await events.waitFor("the start", happened("started"));
    });

    await test.step("a new image: row, description and events follow, line by line", async () => {
      const told = events.out.length;
      await apply(2);
      seen = await rows.waitFor("the new image", isAsWished(2), seen + 1);
      await table.waitFor("the new image", (line) => /shop.*web:2.*/.test(line));
      await description.waitFor("the new image", describes(2));
      await text.waitFor("the new image", (line) => /localhost\/web:2/.test(line));
      await events.waitFor("the old one to go", happened("retired"), told);
      const types = rows.out.slice(1).map((line) => Row.parse(JSON.parse(line)).type);
      assert.deepEqual([...new Set(types)], ["MODIFIED"]);
      const repeated = rows.out.filter((line, index) => line === rows.out[index - 1]);
      assert.deepEqual(repeated, [], "nothing is told twice");
    });

    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      await test.step(`${signal} of skerry up: it is waited for, and nothing is lost or told twice`, async () => {
        const told = events.out.length;
        const waits = () => [rows, description, events, log].map((each) => each.said());
        const before = waits().map((each) => each.split("answers again").length);
        up.kill(signal);
        await up.status;
        await until(
          "all to say that they wait",
          async () => waits().every((each) => /waiting for it[^\n]*\n$/.test(each)),
          60_000,
        );
        up = await box.start();
        await until(
          "all to go on",
          async () =>
            waits().every((each, index) =>
              each.split("answers again").length === (before[index] ?? 0) + 1
            ),
          60_000,
        );
        const replicas = signal === "SIGTERM" ? 2 : 1;
        await apply(2, replicas);
        seen = await rows.waitFor(`${replicas} replicas`, isAsWished(2, replicas), seen + 1);
        await events.waitFor(
          "the change",
          happened(replicas === 2 ? "healthy" : "removed"),
          told,
        );
        // What a person who asks now is told, and what the one who watched was told.
        const kept = z.array(NodeEvent).parse(
          JSON.parse(await box.must(["events", "-p", "shop", "-o", "json"])),
        );
        await until("all events", async () => events.out.length >= kept.length);
        assert.deepEqual(
          events.out.slice(0, kept.length),
          kept.map((each) => JSON.stringify(each)),
        );
      });
    }

    await test.step("a quiet watch asks next to nothing", async () => {
      await using counted = await countedSocket(box);
      const quiet = watching(["get", "services", "-w", "-o", "json"], counted.home);
      await quiet.waitFor("the service", isAsWished(2));
      const [requests, bytes, lines] = [counted.requests(), counted.bytes(), quiet.out.length];
      await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
      assert.equal(quiet.out.length, lines, "nothing changed");
      assert.ok(requests >= 1, "it goes this way");
      assert.ok(counted.requests() - requests <= QUIET_REQUESTS, `${counted.requests()} requests`);
      assert.ok(counted.bytes() - bytes <= QUIET_BYTES, `${counted.bytes() - bytes} bytes`);
      quiet.interrupt();
      assert.equal((await quiet.status).code, 0);
    });

    await test.step("a pipe that is closed ends it at the next line, without a word", async () => {
      const piped = [rows, table, description, text, events];
      for (const each of piped) await each.closePipe();
      await apply(1);
      for (const each of piped) {
        await until("the end of one whose pipe is closed", async () => each.ended(), 90_000);
        assert.equal((await each.status).code, 0);
        assert.doesNotMatch(each.said(), /pipe|error/i);
      }
    });

    await test.step("Ctrl-C ends the others", async () => {
      log.interrupt();
      assert.equal((await log.status).code, 0);
    });
  } catch (thrown) {
    throw new Error(box.text().slice(-6_000), { cause: thrown });
  } finally {
    for (const each of watchers) await each.close();
    await box.close();
  }
});
