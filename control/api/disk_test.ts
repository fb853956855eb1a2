/** Long before a disk is full people are told; where it is, what would take the last of it is refused. */
import assert from "node:assert/strict";
import { API_ORIGIN } from "../../shared/api/client.ts";
import { DiskReport, type Space } from "../../shared/model/disk.ts";
import { sha256 } from "../../shared/model/hash.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { FakeLink } from "../testing/fake_link.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { problemOf } from "./route.ts";

const GIB = 1024 ** 3;

function disk(level: DiskReport["level"]): DiskReport {
  const usedPercent = { ok: 50, filling: 88, full: 99 }[level];
  return DiskReport.parse({
    totalBytes: 100 * GIB,
    usedBytes: usedPercent * GIB / 2,
    freeBytes: (100 - usedPercent) * GIB / 2,
    usedPercent,
    level,
    highPercent: 85,
    lowPercent: 80,
    budgetBytes: null,
    kept: { images: 40 * GIB, logs: GIB, events: 0, files: 0, metrics: 0 },
    collected: null,
  });
}

const NEARLY_FULL: Space = {
  totalBytes: 100 * GIB,
  usedBytes: 99.5 * GIB,
  freeBytes: GIB / 2,
  inodes: 0,
  freeInodes: 0,
};

const request = (image: string) =>
  testRequest(testModel("shop", { web: testService({ image: `docker.io/library/${image}` }) }));

/** As pulled by its digest. */
function addImage(link: FakeLink, image: string): void {
  link.imagesHere.push({
    id: sha256(`id of ${image}`),
    references: [],
    repoDigests: [
      `docker.io/library/${image.split(":")[0]}@sha256:${sha256(`docker.io/library/${image}`)}`,
    ],
    sizeBytes: GIB,
    createdAt: 1,
    containers: 0,
  });
}

const releases = async (h: Harness) => (await h.api.releases("shop")).length;

Deno.test("a plan tells of a disk that fills: what is free, from when it is told, what is biggest, the way out", async () => {
  await using h = await createHarness();
  h.link.diskNow = disk("ok");
  assert.deepEqual((await h.api.plan("shop", request("web:1"))).warnings, []);
  h.link.diskNow = disk("filling");
  const { warnings } = await h.api.plan("shop", request("web:1"));
  assert.deepEqual(warnings.map(({ code }) => code), ["disk_filling"]);
  const [{ message, remedy } = { message: "", remedy: "" }] = warnings;
  assert.match(message, /node "box".* 88 % full \(told from 85 % on\), 6.0 GiB are free; /);
  assert.match(
    message,
    /images 40.0 GiB, logs 1.0 GiB, all else there \(volumes, what containers wrote\) 3.0 GiB/,
  );
  assert.match(remedy ?? "", /skerry image prune/);
  // It is but told: the release is made.
  await h.api.createRelease("shop", request("web:1"));
  assert.equal(await releases(h), 1);
});

Deno.test("on a full disk what must be fetched is refused, and nothing else", async () => {
  await using h = await createHarness();
  await h.api.createRelease("shop", request("web:1"));
  await h.agent.settle();
  addImage(h.link, "web:1");
  addImage(h.link, "web:2");
  h.link.diskNow = disk("full");
  const refused = (thrown: { status?: number; code?: string; message: string; remedy?: unknown }) =>
    thrown.status === 507 && thrown.code === "disk_nearly_full" &&
    /nothing was changed: .*99 % full/.test(thrown.message) &&
    String(thrown.remedy).includes("skerry image prune");

  const code = (await h.api.plan("shop", request("web:3"))).warnings.map((each) => each.code);
  assert.deepEqual(code, ["disk_full"]);
  await assert.rejects(h.api.createRelease("shop", request("web:3")), refused);
  await assert.rejects(h.api.createRelease("shop", request("web:3")), /docker.io\/library\/web:3/);
  assert.equal(await releases(h), 1);
  const pulling = h.api.pullImage("docker.io/library/web:3");
  await assert.rejects(pulling.next(), refused);
  const archive = new Blob(["tar"]).stream();
  await assert.rejects(h.api.loadImages(archive), refused);

  // What is there already may be used, and all that gives space back goes on.
  await h.api.createRelease("shop", request("web:2"));
  await h.agent.settle();
  assert.deepEqual((await h.api.services()).map((each) => each.stage), ["running"]);
  await h.api.putSecret("token", new TextEncoder().encode("x"), "shop");
  await h.api.deleteSecret("token", "shop");
  assert.equal((await h.api.pruneImages(true)).stayed.length, 0);
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  assert.deepEqual(await h.api.services(), []);
});

Deno.test("where the node is not asked its last report counts", async () => {
  await using h = await createHarness();
  await h.agent.report({ disk: disk("filling") });
  const { warnings } = await h.api.plan("shop", request("web:1"));
  assert.deepEqual(warnings.map((each) => each.code), ["disk_filling"]);
});

Deno.test("files are not taken where the control plane's own disk is nearly full", async () => {
  await using h = await createHarness();
  const put = (text: string) => h.api.putBlob(sha256(text), new TextEncoder().encode(text));
  await put("before");
  h.room.space = NEARLY_FULL;
  await assert.rejects(put("after"), { status: 507, code: "disk_nearly_full" });
  h.room.space = { ...NEARLY_FULL, usedBytes: 50 * GIB, freeBytes: 50 * GIB };
  await put("after");
  // It must leave what is reserved, too.
  const reserve = 1024 ** 3;
  h.room.space = { ...NEARLY_FULL, freeBytes: reserve + 10 };
  const text = "more than ten bytes";
  const answer = await h.app.fetch(
    new Request(`${API_ORIGIN}/api/v1/blobs/${sha256(text)}`, {
      method: "PUT",
      headers: {
        "content-type": "application/octet-stream",
        "content-length": String(text.length),
      },
      body: text,
    }),
    { kind: "root", via: "socket" },
  );
  assert.equal(answer.status, 507);
  await answer.body?.cancel();
});

Deno.test("whatever found no space is 507 with the way out", () => {
  const full = [
    new Error("No space left on device (os error 28): write"),
    new SkerryError("podman_failed", "committing: write /x: no space left on device"),
    new SkerryError("odd", "it failed", null, { cause: new Error("Disk quota exceeded") }),
    new SkerryError("database_full", "database or disk is full", "free space"),
  ];
  for (const thrown of full) {
    const problem = problemOf(thrown);
    assert.equal(problem.status, 507, thrown.message);
    assert.notEqual(problem.remedy, null);
  }
  assert.equal(problemOf(full[0]).code, "disk_full");
  assert.equal(problemOf(new SkerryError("podman_failed", "no such image")).status, 422);
  assert.equal(problemOf(new Error("bug")).status, 500);
});
