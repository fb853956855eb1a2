import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { createAuthority } from "../../shared/certificates/authority.ts";
import { issueLeaf } from "../../shared/certificates/issue.ts";
import { subjectNames } from "../../shared/certificates/names.ts";
import { createHarness } from "../testing/harness.ts";

Deno.test("the authority's certificate is there for everybody, and never its key", async () => {
  await using h = await createHarness();
  const nobody = { kind: "anonymous", address: "192.0.2.1", secure: true } as const;
  const ask = async (path: string) =>
    await (await h.app.fetch(new Request(`http://x${path}`), nobody)).text();
  const pem = await ask("/api/v1/ca.pem");
  const { fingerprint256 } = new X509Certificate(pem);
  const view = await ask("/api/v1/ca");
  assert.ok(view.includes(fingerprint256) && !view.includes("PRIVATE"));
  const { permits } = await h.api.authority();
  assert.ok(permits?.domains.includes("internal"));
  assert.equal((await h.api.certificates()).uploaded, null);
});

Deno.test("a certificate that is handed in is told without its key, noted, and forgotten again", async () => {
  await using h = await createHarness();
  const authority = createAuthority({ dir: `${h.folder}/other`, label: "other" });
  const names = subjectNames(["shop.test"]);
  const now = h.clock.now();
  const leaf = await issueLeaf(await authority.pair(), names, now, new Uint8Array(16).fill(5));
  await assert.rejects(h.api.putCertificate({ certificate: leaf.certificate, key: "x" }), {
    status: 422,
  });
  const view = await h.api.putCertificate({ certificate: leaf.certificate, key: leaf.key });
  assert.deepEqual(view.names, ["shop.test"]);
  const shown = await h.api.certificates();
  assert.deepEqual(shown.uploaded, view);
  assert.ok(!JSON.stringify(shown).includes("PRIVATE"));
  await h.api.deleteCertificate();
  assert.equal((await h.api.certificates()).uploaded, null);
  await assert.rejects(h.api.deleteCertificate(), { status: 404 });
  const actions = (await h.api.changes()).map((each) => each.action);
  assert.deepEqual(actions.slice(0, 2), ["certificate.remove", "certificate.set"]);
});
