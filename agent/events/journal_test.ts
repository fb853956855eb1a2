import assert from "node:assert/strict";
import type { NodeEvent } from "../../shared/model/event.ts";
import { type Journal, type Line, openJournal } from "./journal.ts";
import type { Fact, Facts } from "./state.ts";

const large = { totalBytes: 1 << 20, segmentBytes: 1 << 18 };
const turn = (n: number): { facts: Facts; events: NodeEvent[] } => ({
  facts: new Map<string, Fact>([["intent", { kind: "intent", revision: n, epoch: 1 }]]),
  events: [{ at: n, kind: "intent_received", subject: null, message: `revision ${n} – ü` }],
});

async function append(journal: Journal, from: number, to: number): Promise<void> {
  for (let n = from; n <= to; n++) {
    const { facts, events } = turn(n);
    await journal.append(facts, events);
  }
}

async function kept(journal: Journal): Promise<number[]> {
  const lines: Line[] = [];
  for await (const line of journal.lines()) lines.push(line);
  return lines.flatMap((line) => line.events.map((event) => event.at));
}

Deno.test("a power cut at any byte loses nothing that was written before, and writing goes on", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await append(await openJournal(folder, large), 1, 4);
    const path = `${folder}/000001.log`;
    const whole = await Deno.readFile(path);
    const ends = [...whole.keys()].filter((at) => whole[at] === 10).map((at) => at + 1);
    for (let cut = 0; cut < whole.length; cut++) {
      await Deno.writeFile(path, whole.subarray(0, cut));
      await Deno.remove(`${folder}/000002.log`).catch(() => {});
      const lines = ends.filter((end) => end <= cut).length;
      const journal = await openJournal(folder, large);
      const before = journal.facts().get("intent");
      assert.equal(before?.kind === "intent" ? before.revision : 0, lines, `cut at ${cut}`);
      await append(journal, 9, 9);
      const expected = [1, 2, 3, 4].slice(0, lines);
      assert.deepEqual(await kept(await openJournal(folder, large)), [...expected, 9]);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a damaged line in the middle costs that line alone", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await append(await openJournal(folder, large), 1, 5);
    const path = `${folder}/000001.log`;
    const text = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, text.replace("revision 3", "revision 8"));
    const journal = await openJournal(folder, large);
    assert.deepEqual(await kept(journal), [1, 2, 4, 5]);
    assert.deepEqual(journal.facts(), turn(5).facts);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("it keeps to its budget, drops the oldest, and knows all facts after it", async () => {
  const folder = await Deno.makeTempDir();
  const budget = { totalBytes: 8_000, segmentBytes: 2_000 };
  try {
    const journal = await openJournal(folder, budget);
    const facts = new Map(turn(0).facts);
    facts.set("control", { kind: "control", problem: { code: "old", message: "said once" } });
    await journal.append(facts, turn(0).events);
    for (let n = 1; n <= 200; n++) {
      facts.set("intent", { kind: "intent", revision: n, epoch: 1 });
      await journal.append(new Map(facts), turn(n).events);
    }
    let bytes = 0;
    for await (const { name } of Deno.readDir(folder)) {
      bytes += (await Deno.stat(`${folder}/${name}`)).size;
    }
    assert.ok(bytes <= budget.totalBytes + budget.segmentBytes, `${bytes} bytes`);
    const again = await openJournal(folder, budget);
    assert.deepEqual(again.facts(), facts);
    const left = await kept(again);
    assert.deepEqual(left, left.map((_, index) => 201 - left.length + index));
    assert.ok(left.length > 10);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("what cannot be written does not count, and is written with the next", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const journal = await openJournal(folder, large);
    await append(journal, 1, 1);
    await Deno.rename(folder, `${folder}.away`);
    await assert.rejects(append(journal, 2, 2));
    assert.deepEqual(journal.facts(), turn(1).facts);
    await Deno.rename(`${folder}.away`, folder);
    await append(journal, 3, 3);
    assert.deepEqual(await kept(await openJournal(folder, large)), [1, 3]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("one service that falls over and over does not push out what happened to the others", async () => {
  const folder = await Deno.makeTempDir();
  const budget = { totalBytes: 64_000, segmentBytes: 8_000 };
  const event = (service: string, at: number): NodeEvent => ({
    at,
    kind: "exited",
    subject: { project: "shop", service, slot: 1, deployment: null },
    message: "it exited with code 1",
  });
  const of = async (journal: Journal, service: string) => {
    const found: number[] = [];
    for await (const line of journal.lines()) {
      for (const each of line.events) if (each.subject?.service === service) found.push(each.at);
    }
    return found;
  };
  try {
    const journal = await openJournal(folder, budget);
    const { facts } = turn(0);
    const quiet = Array.from({ length: 10 }, (_, at) => at);
    for (const at of quiet) await journal.append(facts, [event("quiet", at), event("other", at)]);
    for (let at = 10; at < 3_000; at++) await journal.append(facts, [event("loops", at)]);
    let bytes = 0;
    for await (const { name } of Deno.readDir(folder)) {
      bytes += (await Deno.stat(`${folder}/${name}`)).size;
    }
    assert.ok(bytes <= budget.totalBytes + budget.segmentBytes, `${bytes} bytes`);
    for (const service of ["quiet", "other"]) assert.deepEqual(await of(journal, service), quiet);
    const loops = await of(journal, "loops");
    assert.deepEqual(loops, loops.map((_, index) => 3_000 - loops.length + index));
    assert.ok(loops.length > 100, String(loops.length));
    const again = await openJournal(folder, budget);
    assert.deepEqual(await of(again, "quiet"), quiet);

    // A crash between the new segment and the removal of the old one: nothing is there twice.
    const [oldest] = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    assert.ok(oldest !== undefined && oldest > "000001.log");
    await Deno.copyFile(`${folder}/${oldest}`, `${folder}/000001.log`);
    const crashed = await openJournal(folder, budget);
    assert.deepEqual(await of(crashed, "quiet"), quiet);
    for (let at = 3_000; at < 3_200; at++) await crashed.append(facts, [event("loops", at)]);
    assert.deepEqual(await of(crashed, "quiet"), quiet);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
