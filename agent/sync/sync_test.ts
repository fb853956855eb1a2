import assert from "node:assert/strict";
import { EpochId, KeyId, NodeId } from "../../shared/model/ids.ts";
import { canonicalJson, sha256 } from "../../shared/model/hash.ts";
import type { Manifest, SignedManifest } from "../../shared/model/manifest.ts";
import { signingKeyFromSeed, signManifest } from "../../shared/signing/ed25519.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { idText, testDesired, testNode } from "../testing/intent.ts";
import { createBlobStore } from "./blob_store.ts";
import type { ControlClient, ExpectedState } from "./control_client.ts";
import { createLastGoodStore, type LastGood, type LastGoodStore } from "./last_good.ts";
import { mayFollow, runSync } from "./syncer.ts";

const key = signingKeyFromSeed(KeyId.parse(idText("key", "control")), new Uint8Array(32).fill(3));
const keys = new Map([[key.id, key.publicKey]]);
const { epoch, node } = testDesired([]);

function intent(revision: number, over: Partial<Manifest> = {}) {
  const text = canonicalJson({ ...node, name: `rev-${revision}` });
  const bytes = new TextEncoder().encode(text);
  const name = sha256(bytes);
  const manifest: Manifest = {
    schema: 1,
    node: testNode,
    epoch,
    revision,
    keyId: key.id,
    sections: [{ section: "node", critical: true, sha256: name, sizeBytes: bytes.length }],
    files: [],
    ...over,
  };
  return { signed: signManifest(key, manifest), blobs: new Map([[name, bytes]]) };
}

async function withStore(
  body: (
    store: LastGoodStore,
    folder: string,
    save: (revision: number) => Promise<void>,
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const blobs = await createBlobStore(`${folder}/blobs`);
    const store = await createLastGoodStore({ folder: `${folder}/last-good`, blobs, keys });
    await body(store, folder, async (revision) => {
      for (const [name, bytes] of intent(revision).blobs) await blobs.put(name, bytes);
      await store.save(intent(revision).signed);
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("the last-good survives, and a damaged one gives way to the one before it", async () => {
  await withStore(async (store, folder, save) => {
    assert.equal((await store.load()).lastGood, null);
    await save(1);
    await save(2);
    assert.equal((await store.load()).lastGood?.manifest.revision, 2);
    for (const damage of ["", "{", '{"payload":"AAAA","signature":"AAAA","keyId":"x"}']) {
      await Deno.writeTextFile(`${folder}/last-good/current.json`, damage);
      const { lastGood, problems } = await store.load();
      assert.equal(lastGood?.manifest.revision, 1);
      assert.equal(problems.length, 1);
      assert.match(problems[0] ?? "", /current\.json/);
    }
  });
});

Deno.test("a damaged blob makes its manifest unusable", async () => {
  await withStore(async (store, folder, save) => {
    await save(1);
    await save(2);
    const [name] = intent(2).blobs.keys();
    await Deno.writeTextFile(`${folder}/blobs/${name}`, "{}");
    assert.equal((await store.load()).lastGood?.manifest.revision, 1);
  });
});

Deno.test("saving keeps the blobs of this and the one before, and no others", async () => {
  await withStore(async (_store, folder, save) => {
    for (const revision of [1, 2, 3]) await save(revision);
    const left = [...Deno.readDirSync(`${folder}/blobs`)].map((entry) => entry.name).sort();
    const wanted = [2, 3].flatMap((revision) => [...intent(revision).blobs.keys()]).sort();
    assert.deepEqual(left, wanted);
  });
});

Deno.test("intent goes forward only: by revision, or by a higher epoch", () => {
  const held = { epoch, revision: 5 };
  assert.equal(mayFollow(null, held), true);
  assert.equal(mayFollow(held, { epoch, revision: 5 }), true);
  assert.equal(mayFollow(held, { epoch, revision: 4 }), false);
  assert.equal(mayFollow(held, { epoch: { ...epoch, n: epoch.n + 1 }, revision: 0 }), true);
  const otherLife = { n: epoch.n, id: EpochId.parse(idText("ep", "other")) };
  assert.equal(mayFollow(held, { epoch: otherLife, revision: 9 }), false);
  assert.equal(
    mayFollow({ epoch: { ...epoch, n: 7 }, revision: 1 }, { epoch, revision: 9 }),
    false,
  );
});

/** A control plane that answers what it is given, in turn, then holds. */
function scripted(
  answers: readonly SignedManifest[],
  blobs: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): ControlClient {
  const queue = [...answers];
  const refuse = () => Promise.reject(new Error("not asked for here"));
  return {
    enroll: refuse,
    report: refuse,
    expectedState(_etag, _wait, signal): Promise<ExpectedState> {
      const signed = queue.shift();
      if (signed !== undefined) {
        return Promise.resolve({ kind: "manifest", etag: String(queue.length), signed });
      }
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
    blob(name) {
      const bytes = blobs.get(name);
      return bytes === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(bytes);
    },
  };
}

Deno.test("what is not signed, for another node, or older is not taken over", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const blobs = await createBlobStore(`${folder}/blobs`);
    const store = await createLastGoodStore({ folder: `${folder}/last-good`, blobs, keys });
    const good = intent(2);
    const later = intent(3);
    const forged = { ...intent(9).signed, signature: good.signed.signature };
    const stop = new AbortController();
    const taken: LastGood[] = [];
    const problems: string[] = [];
    const clock = { ...systemClock, sleep: () => Promise.resolve() };
    const strange = intent(4, { node: NodeId.parse(idText("nod", "another")) });
    await runSync(
      {
        client: scripted(
          [good.signed, forged, strange.signed, intent(1).signed, later.signed],
          new Map([1, 2, 3, 4, 9].flatMap((revision) => [...intent(revision).blobs])),
        ),
        store,
        blobs,
        keys,
        node: testNode,
        retryCapMs: 1_000,
        clock,
        log: silentLog,
        onIntent(lastGood) {
          taken.push(lastGood);
          if (lastGood.manifest.revision === 3) stop.abort();
        },
        onProblem(problem) {
          if (problem !== null) problems.push(problem.code);
        },
      },
      null,
      stop.signal,
    );
    assert.deepEqual(taken.map((each) => each.manifest.revision), [2, 3]);
    assert.deepEqual(problems, ["bad_signature", "wrong_node", "epoch_behind"]);
    assert.equal((await store.load()).lastGood?.manifest.revision, 3);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
