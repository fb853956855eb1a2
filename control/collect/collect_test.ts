import assert from "node:assert/strict";
import { type Sha256, sha256 } from "../../shared/model/hash.ts";
import type { ReleaseRequest } from "../../shared/api/release.ts";
import { createHarness, type Harness } from "../testing/harness.ts";
import { testModel, testRequest, testService } from "../testing/models.ts";
import { KEEP_RELEASES, LEAST_AGE_MS } from "./collect.ts";

const text = (n: number) => `content ${n}`;

/** A service that binds a file whose content is another one each time, and one that never changes. */
function request(n: number): ReleaseRequest {
  const bind = { type: "bind" as const, source: "/srv/shop/a.conf", target: "/a", read_only: true };
  const model = testModel("shop", {
    web: testService({ volumes: [bind] }),
    still: testService({ image: "docker.io/library/still:1" }),
  });
  const { compose } = testRequest(model).parts;
  if (compose === undefined) throw new Error("a request without its part");
  const files = {
    "/srv/shop/a.conf": { kind: "file" as const, sha256: sha256(text(n)), mode: 0o644 },
  };
  return { parts: { compose: { ...compose, files } } };
}

async function apply(h: Harness, n: number): Promise<void> {
  const plan = await h.api.plan("shop", request(n));
  for (const name of plan.missingBlobs) {
    await h.api.putBlob(name, new TextEncoder().encode(text(n)));
  }
  await h.api.createRelease("shop", request(n));
  await h.agent.settle();
}

/** Files bear the machine's time, the harness has a clock of its own: as if sent at its now. */
function age(h: Harness, at: number): void {
  for (const { name } of Deno.readDirSync(`${h.folder}/blobs`)) {
    Deno.utimeSync(`${h.folder}/blobs/${name}`, at / 1000, at / 1000);
  }
}

const isHere = (h: Harness, name: Sha256) =>
  Deno.stat(`${h.folder}/blobs/${name}`).then(() => true, () => false);

Deno.test("old releases and files that none names go; what runs and what one goes back to stays", async () => {
  await using h = await createHarness();
  const last = KEEP_RELEASES + 5;
  for (let n = 1; n <= last; n++) {
    h.clock.advance(1_000);
    await apply(h, n);
  }
  age(h, h.clock.now());
  assert.deepEqual(h.app.collect().files, 0, "files may be of a release that is on its way");
  const revision = h.agent.manifest().revision;
  h.clock.advance(LEAST_AGE_MS + 1);
  const collected = h.app.collect();
  // The fifth is what the sixth, the oldest that is kept, took over from.
  assert.equal(collected.files, 4);
  for (let n = 1; n <= last; n++) {
    assert.equal(await isHere(h, sha256(text(n))), n > 4, `file ${n}`);
  }
  const changes = await h.api.changes();
  assert.ok(changes.some((each) => each.action === "collect"), JSON.stringify(changes[0]));
  assert.deepEqual(h.app.collect(), { releases: 0, files: 0, freedBytes: 0 });
  // Nothing of it reaches the node, and all goes on as before.
  assert.equal(await h.agent.fetch(), false);
  assert.equal(h.agent.manifest().revision, revision);
  await apply(h, 3);
  assert.equal(await isHere(h, sha256(text(3))), true);
  const stages = (await h.api.services()).map((each) => `${each.name} ${each.stage}`);
  assert.deepEqual(stages, ["still running", "web running"]);
});

Deno.test("a good release is kept behind any number of bad ones, with its files", async () => {
  await using h = await createHarness();
  await apply(h, 1);
  await apply(h, 2);
  for (let n = 3; n <= KEEP_RELEASES + 8; n++) {
    h.clock.advance(1_000);
    h.agent.fates.set("web", "fails");
    await apply(h, n);
    // What it falls back to is well.
    h.agent.fates.set("web", "runs");
    await h.agent.settle();
  }
  h.clock.advance(LEAST_AGE_MS + 1);
  age(h, 0);
  assert.ok(h.app.collect().files > 0);
  assert.equal(await isHere(h, sha256(text(4))), false);
  assert.equal(await isHere(h, sha256(text(2))), true);
  const wanted = JSON.stringify(h.agent.deployments().filter((each) => each.want === "run"));
  assert.ok(wanted.includes(sha256(text(2))), "the good one is what runs");
});

Deno.test("a file that a plan counted on stays for its release; a deleted project's last ones stay", async () => {
  await using h = await createHarness();
  await apply(h, 1);
  await apply(h, 2);
  await h.api.createRelease("shop", { parts: {} });
  await h.agent.settle();
  age(h, 0);
  h.app.collect();
  assert.equal(await isHere(h, sha256(text(2))), true);
  const stray = sha256("stray");
  await h.api.putBlob(stray, new TextEncoder().encode("stray"));
  age(h, 0);
  await h.api.plan("shop", request(2));
  assert.equal(h.app.collect().files, 1);
  assert.equal(await isHere(h, stray), false);
  await h.api.createRelease("shop", request(2));
  await h.agent.settle();
});
