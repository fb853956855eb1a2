import assert from "node:assert/strict";
import type { Ballast } from "../../../shared/ballast.ts";
import { silentLog } from "../../../shared/log.ts";
import type { DiskLimits } from "../../../shared/model/disk.ts";
import type { ImageListed } from "../../drivers/podman/driver.ts";
import { createManualClock } from "../../drivers/podman/manual_clock.ts";
import { projectId, testDesired } from "../../testing/intent.ts";
import { createDiskLoop } from "./loop.ts";
import { openImageUses } from "./uses.ts";

const GIB = 1024 ** 3;
const id = (letter: string) => letter.repeat(64);

/** A disk of 100 GiB with images on it, which take what they say and no more. */
async function setup(limits: Partial<DiskLimits> = {}, otherGib = 60) {
  const folder = await Deno.makeTempDir();
  const clock = createManualClock();
  const images: ImageListed[] = [];
  const state = { other: otherGib * GIB, ballast: 8, noSpace: 0, ticks: 0, listed: 0 };
  const told: string[] = [];
  const imageBytes = () => images.reduce((sum, each) => sum + each.sizeBytes, 0);
  const uses = await openImageUses(`${folder}/uses.json`, {
    now: clock.now(),
    mostMs: 1e9,
    log: silentLog,
  });
  const ballast: Ballast = {
    wholeBytes: 8,
    heldBytes: () => state.ballast,
    release: () => state.ballast > 0 && (state.ballast -= 1, true),
    refill: () => (state.ballast = 8, Promise.resolve()),
  };
  const loop = createDiskLoop({
    home: "/home",
    limits: { highPercent: 85, lowPercent: 80, budgetBytes: null, ...limits },
    imageKeepMs: 1000,
    readSpace: () => {
      const usedBytes = state.other + imageBytes();
      const totalBytes = 100 * GIB;
      return { totalBytes, usedBytes, freeBytes: totalBytes - usedBytes, inodes: 0, freeInodes: 0 };
    },
    ballast,
    podman: {
      listImages() {
        state.listed++;
        return Promise.resolve([...images]);
      },
      removeImage(image) {
        if (state.noSpace-- > 0) return Promise.reject(new Error("no space left on device"));
        const at = images.findIndex((each) => each.id === image);
        const found = images[at];
        if (found === undefined || found.containers > 0) return Promise.reject(new Error("in use"));
        images.splice(at, 1);
        return Promise.resolve();
      },
    },
    uses,
    imageBytes: () => Promise.resolve(imageBytes()),
    fileBytes: () => Promise.resolve(0),
    metricBytes: () => 0,
    logs: { held: () => Promise.resolve([]), dropSegment: () => Promise.resolve() },
    events: {
      held: () => Promise.resolve([]),
      dropSegment: () => Promise.resolve(),
      tell: (_kind, message) => told.push(message),
    },
    clock,
    log: silentLog,
    onChange() {},
  });
  const stop = new AbortController();
  const add = (letter: string, gib: number, over: Partial<ImageListed> = {}) =>
    images.push({
      id: id(letter),
      references: [`${letter}:1`],
      repoDigests: [],
      sizeBytes: gib * GIB,
      createdAt: images.length,
      containers: 0,
      ...over,
    });
  const desired = testDesired([], {
    images: [{
      capability: "images",
      project: projectId("p"),
      kept: [{ reference: "k:1", digest: null, id: id("k") }],
    }],
  });
  const running: Promise<void>[] = [];
  return {
    loop,
    clock,
    images,
    state,
    told,
    add,
    wanted: (revision = 1) =>
      loop.follow({
        desired: { ...desired, revision },
        seen: { containers: { images: new Map() } },
      }),
    names: () => images.map((each) => each.references[0]?.[0]).join(""),
    /** Up to its first look. */
    async start() {
      running.push(loop.run(stop.signal));
      await this.pass(5_000);
    },
    /** Lets the loop do what it has to do, then passes time. */
    async pass(ms: number) {
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 0));
      clock.advance(ms);
      for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 0));
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await Promise.all(running);
      await Deno.remove(folder, { recursive: true });
    },
  };
}

Deno.test("a filling disk is brought down to the low mark, and that is told once", async () => {
  await using disk = await setup({}, 60);
  for (const letter of "abcdefghk") disk.add(letter, 3);
  disk.wanted();
  await disk.start();
  // 87 GiB: three of them make it 78.
  assert.equal(disk.names(), "defghk");
  assert.deepEqual(disk.told, [
    "removed 3 images that nothing needs (a:1, b:1, c:1), which freed 9.0 GiB: " +
    "the disk was 87 % full",
  ]);
  assert.deepEqual(disk.loop.verdicts(), []);
  assert.equal(disk.loop.report()?.collected?.freedBytes, 9 * GIB);
  const { listed } = disk.state;
  for (let i = 0; i < 30; i++) await disk.pass(60_000);
  assert.equal(disk.state.listed, listed, "while all is well images are not listed");
});

Deno.test("nothing is collected before it is known what is wanted", async () => {
  await using disk = await setup({}, 80);
  disk.add("a", 8);
  await disk.start();
  await disk.pass(60_000);
  assert.equal(disk.names(), "a");
  disk.wanted();
  await disk.pass(60_000);
  assert.equal(disk.names(), "");
});

Deno.test("what cannot be freed is told, tried again seldom, and at once when another release is wanted", async () => {
  await using disk = await setup({ budgetBytes: GIB }, 40);
  disk.add("k", 3);
  disk.wanted();
  await disk.start();
  const [verdict] = disk.loop.verdicts();
  assert.equal(verdict?.reason.code, "disk_budget");
  assert.match(verdict?.reason.message ?? "", /budget of 1\.0 GiB is passed by 2\.0 GiB/);
  const { listed } = disk.state;
  for (let i = 0; i < 10; i++) await disk.pass(5_000);
  assert.equal(disk.state.listed, listed);
  disk.add("a", 1);
  disk.wanted(2);
  await disk.pass(5_000);
  assert.equal(disk.names(), "k");
});

Deno.test("an image that a person fetched stays its time, one that was asked for an hour", async () => {
  await using disk = await setup({}, 86);
  disk.add("a", 1);
  disk.add("b", 1);
  disk.loop.spare(id("a"), "fetched");
  disk.loop.spare(id("b"), "asked");
  disk.wanted();
  await disk.start();
  await disk.pass(600_000);
  await disk.pass(5_000);
  assert.equal(disk.names(), "b");
  for (let i = 0; i < 7; i++) await disk.pass(600_000);
  assert.equal(disk.names(), "");
});

Deno.test("a full disk refuses with what is free and needed, and goes on once there is room", async () => {
  await using disk = await setup({}, 99.5);
  disk.wanted();
  await disk.start();
  assert.throws(() => disk.loop.admit("pulling x"), {
    code: "disk_nearly_full",
    message: 'pulling x is refused, nothing was changed: the disk of "/home" is 100 % full, ' +
      "512.0 MiB are free, and 1.0 GiB of it stay with what runs",
  });
  assert.equal(disk.loop.verdicts()[0]?.reason.code, "disk_full");
  disk.state.other = 98 * GIB;
  disk.loop.admit("pulling x");
  assert.throws(() => disk.loop.admit("loading x", 3 * GIB), /it needs 3\.0 GiB/);
  assert.equal(disk.loop.verdicts()[0]?.reason.code, "disk_filling");
  disk.state.other = 50 * GIB;
  assert.deepEqual(disk.loop.verdicts(), []);
});

Deno.test("what must be written is tried again with a slice of the ballast, which is refilled later", async () => {
  await using disk = await setup({}, 99.999);
  disk.wanted();
  await disk.start();
  let tries = 0;
  const work = () => {
    tries++;
    return tries === 1 ? Promise.reject(new Error("No space left on device")) : Promise.resolve(3);
  };
  assert.equal(await disk.loop.guarded(work), 3);
  disk.loop.noticed();
  assert.equal(disk.state.ballast, 6);
  await assert.rejects(disk.loop.guarded(() => Promise.reject(new Error("other"))), /other/);
  assert.equal(disk.state.ballast, 6);
  await disk.pass(5_000);
  assert.equal(disk.state.ballast, 6, "there is no room for it yet");
  disk.state.other = 50 * GIB;
  await disk.pass(5_000);
  assert.equal(disk.state.ballast, 8);
});

Deno.test("an image that cannot be removed keeps no other one, and space for removing is made", async () => {
  await using disk = await setup({}, 80);
  disk.add("a", 3);
  disk.add("b", 3);
  disk.state.noSpace = 1;
  disk.wanted();
  await disk.start();
  assert.equal(disk.names(), "");
});
