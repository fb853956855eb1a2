import assert from "node:assert/strict";
import { systemClock } from "../../shared/clock.ts";
import { DeploymentId, ProjectId } from "../../shared/model/ids.ts";
import type { LogLine, LogRequest } from "../../shared/model/link.ts";
import { COPY_LIMITS } from "./deployment_log.ts";
import {
  createLogKeeper,
  type LogKeeper,
  type LogKeeperDeps,
  type TrackedContainer,
} from "./keeper.ts";
import { listSegments } from "./segments.ts";

const project = ProjectId.parse(`prj_${"a".repeat(26)}`);
const deployment = (letter: string) => DeploymentId.parse(`dep_${letter.repeat(26)}`);
const never = new AbortController().signal;

function tracked(letter: string, containerId: string | null, service = "web"): TrackedContainer {
  return { deployment: deployment(letter), project, service, slot: 1, containerId };
}

/** A folder with `NAME.log` as the log of container NAME, and keepers over it. */
async function withFolder(
  work: (lab: {
    folder: string;
    keeper(more?: Partial<LogKeeperDeps>): LogKeeper;
    write(container: string, lines: readonly string[], second?: number): Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "skerry-logs-" });
  const keepers: LogKeeper[] = [];
  try {
    await work({
      folder,
      keeper(more = {}) {
        const keeper = createLogKeeper({
          logsDir: `${folder}/kept`,
          logPath: (id) => Promise.resolve(`${folder}/${id}.log`),
          idleMs: 20,
          followMs: 20,
          ...more,
        });
        keepers.push(keeper);
        return keeper;
      },
      async write(container, lines, second = 0) {
        const text = lines.map((line, i) =>
          `2026-01-02T03:04:${String(second).padStart(2, "0")}.${
            String(i).padStart(9, "0")
          }+00:00 stdout F ${line}\n`
        ).join("");
        await Deno.writeTextFile(`${folder}/${container}.log`, text, { append: true });
      },
    });
  } finally {
    for (const keeper of keepers) await keeper.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function texts(keeper: LogKeeper, request: Partial<LogRequest> = {}): Promise<string[]> {
  const found: string[] = [];
  for await (const { text } of keeper.read({ project, follow: false, ...request }, never)) {
    found.push(text);
  }
  return found;
}

Deno.test("logs of several deployments are merged by time, with tail, service and since", () =>
  withFolder(async ({ keeper, write }) => {
    const logs = keeper();
    await write("c1", ["a0", "a1"], 1);
    await write("c2", ["b0", "b1", "b2"], 2);
    await write("c1", ["a2"], 3);
    logs.track([tracked("a", "c1"), tracked("b", "c2", "db")]);
    assert.deepEqual(await texts(logs), ["a0", "a1", "b0", "b1", "b2", "a2"]);
    assert.deepEqual(await texts(logs, { service: "db" }), ["b0", "b1", "b2"]);
    assert.deepEqual(await texts(logs, { tail: 1 }), ["b2", "a2"]);
    assert.deepEqual(await texts(logs, { tail: 0 }), []);
    assert.deepEqual(await texts(logs, { since: "2026-01-02T04:04:02.000000001+01:00" }), [
      "b1",
      "b2",
      "a2",
    ]);
    await assert.rejects(texts(logs, { since: "noon" }), { code: "invalid" });
    assert.deepEqual(await texts(logs, { project: ProjectId.parse(`prj_${"z".repeat(26)}`) }), []);
  }));

Deno.test("a restart goes on where it was: no line lost, none doubled", () =>
  withFolder(async ({ keeper, write, folder }) => {
    const first = keeper();
    await write("c1", ["one", "two"]);
    first.track([tracked("a", "c1")]);
    assert.deepEqual(await texts(first), ["one", "two"]);
    await first.close();
    const state = await Deno.readTextFile(`${folder}/kept/${deployment("a")}/state.json`);
    await write("c1", ["three"], 1);
    const second = keeper();
    second.track([tracked("a", "c1")]);
    assert.deepEqual(await texts(second), ["one", "two", "three"]);
    await second.close();
    // As after a crash: the state is older than the segment.
    await Deno.writeTextFile(`${folder}/kept/${deployment("a")}/state.json`, state);
    const third = keeper();
    third.track([tracked("a", "c1")]);
    assert.deepEqual(await texts(third), ["one", "two", "three"]);
  }));

Deno.test("a log outlives its container, and a new container of the deployment adds to it", () =>
  withFolder(async ({ keeper, write, folder }) => {
    const logs = keeper();
    await write("c1", ["old"]);
    logs.track([tracked("a", "c1")]);
    await logs.flush(deployment("a"));
    await write("c1", ["last words"], 1);
    await Deno.remove(`${folder}/c1.log`);
    logs.track([]);
    await write("c2", ["new"], 2);
    logs.track([tracked("a", "c2")]);
    assert.deepEqual(await texts(logs), ["old", "last words", "new"]);
    await logs.drop(deployment("a"));
    assert.deepEqual(await texts(logs), []);
    await assert.rejects(Deno.stat(`${folder}/kept/${deployment("a")}`), Deno.errors.NotFound);
  }));

Deno.test("with a tail, old deployments of a slot are passed over while one is there", () =>
  withFolder(async ({ keeper, write }) => {
    const logs = keeper();
    await write("c1", ["old"]);
    await write("c2", ["new"], 1);
    logs.track([tracked("a", "c1")]);
    await logs.flush(deployment("a"));
    logs.track([tracked("b", "c2")]);
    assert.deepEqual(await texts(logs, { tail: 5 }), ["new"]);
    assert.deepEqual(await texts(logs), ["old", "new"]);
  }));

Deno.test("what was copied is freed on the disk while the file keeps its size", () =>
  withFolder(async ({ keeper, write, folder }) => {
    const limits = { ...COPY_LIMITS, segmentBytes: 100_000, freeBytes: 50_000, saveMs: 0 };
    const logs = keeper({ limits });
    const lines = Array.from({ length: 5000 }, (_, i) => `line ${i} ${"x".repeat(50)}`);
    await write("c1", lines);
    const before = await Deno.stat(`${folder}/c1.log`);
    logs.track([tracked("a", "c1")]);
    assert.deepEqual(await texts(logs), lines);
    const after = await Deno.stat(`${folder}/c1.log`);
    assert.equal(after.size, before.size);
    assert.ok(
      (after.blocks ?? 0) < (before.blocks ?? 0) / 4,
      `${after.blocks} of ${before.blocks}`,
    );
    await write("c1", ["after the hole"], 1);
    assert.equal((await texts(logs, { tail: 1 }))[0], "after the hole");
    assert.ok((await listSegments(`${folder}/kept/${deployment("a")}`)).length > 3);
  }));

Deno.test("the budget drops the oldest lines, and a flood is skipped with a line that says so", () =>
  withFolder(async ({ keeper, write, folder }) => {
    const limits = { ...COPY_LIMITS, segmentBytes: 10_000, backlogBytes: 200_000, saveMs: 0 };
    const logs = keeper({ limits, budget: { totalBytes: 50_000, deploymentBytes: 50_000 } });
    await write("c1", Array.from({ length: 10_000 }, (_, i) => `line ${i}`));
    logs.track([tracked("a", "c1")]);
    await logs.flush(deployment("a"));
    const deadline = performance.now() + 10_000;
    const total = async () =>
      (await listSegments(`${folder}/kept/${deployment("a")}`)).reduce((n, s) => n + s.bytes, 0);
    while (await total() > 50_000 && performance.now() < deadline) await systemClock.sleep(20);
    assert.ok(await total() <= 50_000);
    assert.deepEqual(await texts(logs, { tail: 1 }), ["line 9999"]);
    await write("c2", Array.from({ length: 10_000 }, (_, i) => `line ${i}`));
    const roomy = keeper({ logsDir: `${folder}/roomy`, limits });
    roomy.track([tracked("b", "c2")]);
    const found = await texts(roomy);
    assert.match(found[0] ?? "", /^skerry: \d+ bytes of log were skipped/);
    assert.equal(found.at(-1), "line 9999");
  }));

Deno.test("a follower sees new lines, also of a deployment that comes later, and ends by its signal", () =>
  withFolder(async ({ keeper, write }) => {
    const logs = keeper();
    await write("c1", ["one"]);
    logs.track([tracked("a", "c1")]);
    const stop = new AbortController();
    const found: LogLine[] = [];
    const reading = (async () => {
      for await (const line of logs.read({ project, follow: true, tail: 0 }, stop.signal)) {
        found.push(line);
        if (found.length === 3) stop.abort();
      }
    })();
    await systemClock.sleep(100);
    await write("c1", ["two"], 1);
    await write("c2", ["three", "four"], 2);
    await systemClock.sleep(100);
    logs.track([tracked("a", "c1"), tracked("b", "c2")]);
    await reading;
    assert.deepEqual(found.map(({ text }) => text), ["two", "three", "four"]);
    assert.equal(found[1]?.deployment, deployment("b"));
  }));

Deno.test("an unfinished record waits for its end; parts keep their mark", () =>
  withFolder(async ({ keeper, folder }) => {
    const logs = keeper();
    const path = `${folder}/c1.log`;
    await Deno.writeTextFile(path, "2026-01-02T03:04:05.1+00:00 stdout P par");
    logs.track([tracked("a", "c1")]);
    assert.deepEqual(await texts(logs), []);
    await Deno.writeTextFile(
      path,
      "t\n2026-01-02T03:04:05.2+00:00 stdout F end\n",
      { append: true },
    );
    const lines: LogLine[] = [];
    for await (const line of logs.read({ project, follow: false, tail: 1 }, never)) {
      lines.push(line);
    }
    assert.deepEqual(lines.map(({ text, partial }) => [text, partial]), [["part", true], [
      "end",
      false,
    ]]);
  }));

Deno.test("applies in a row leave no more logs behind than are kept of each slot", () =>
  withFolder(async ({ keeper, write, folder }) => {
    const logs = keeper({ mostPast: { ofSlot: 2, inAll: 100 } });
    await write("db", ["kept"]);
    for (const [second, letter] of [..."abcdef"].entries()) {
      await write(letter, [letter], second);
      logs.track([tracked(letter, letter), tracked("z", "db", "db")]);
      await logs.flush(deployment(letter));
    }
    logs.track([tracked("f", "f")]);
    const here = () => [...Deno.readDirSync(`${folder}/kept`)].map(({ name }) => name).sort();
    const wanted = ["d", "e", "f", "z"].map(deployment);
    const deadline = performance.now() + 30_000;
    while (here().length > wanted.length && performance.now() < deadline) {
      await systemClock.sleep(20);
    }
    assert.deepEqual(here(), wanted);
    assert.deepEqual(await texts(logs), ["kept", "d", "e", "f"]);
  }));
