import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import fc from "fast-check";
import { encodePermits, isPermitted, permitsFor, readPermits } from "./constraints.ts";
import { createAuthority } from "./authority.ts";
import { issueLeaf } from "./issue.ts";
import { subjectNames } from "./names.ts";

const NOW = Date.now();

Deno.test("what is private by its kind and the host's own names are permitted; the world is not", () => {
  const permits = permitsFor(subjectNames(["box", "box.plant.com", "203.0.113.7"]));
  const allowed = (name: string) =>
    subjectNames([name]).every((each) => isPermitted(permits, each));
  for (
    const name of [
      ...["a.internal", "localhost", "shop.test", "box", "box.plant.com", "x.box.plant.com"],
      ...["10.1.2.3", "192.168.0.1", "127.0.0.1", "::1", "fd00::1"],
      "203.0.113.7",
    ]
  ) assert.equal(allowed(name), true, name);
  for (
    const name of [
      ...["google.com", "plant.com", "mybox.plant.com.evil.org", "notinternal", "boxx"],
      ...["8.8.8.8", "203.0.113.8", "2001:db8::1", "172.32.0.1"],
    ]
  ) assert.equal(allowed(name), false, name);
});

Deno.test("limits are read as they were written", () => {
  const domain = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}(\.[a-z]{1,10}){0,3}$/);
  const range = fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 }));
  fc.assert(fc.property(fc.array(domain), fc.array(range), (domains, found) => {
    const ranges = found.map(([address, bits]) => `${address}/${bits}`);
    const der = encodePermits({ domains, ranges });
    const wrapped = Uint8Array.from([
      ...[0x06, 0x03, 0x55, 0x1d, 0x1e, 0x01, 0x01, 0xff],
      ...(der.length < 0x80
        ? [0x04, der.length]
        : [0x04, 0x82, der.length >> 8, der.length & 0xff]),
      ...der,
    ]);
    const read = readPermits(wrapped);
    assert.deepEqual(read?.domains, domains);
    assert.equal(read?.ranges.length, ranges.length);
    for (const [index, each] of ranges.entries()) {
      assert.equal(each.split("/")[1], read?.ranges[index]?.split("/")[1]);
    }
  }));
});

Deno.test("openssl takes what the authority may sign, and refuses all else", async () => {
  const dir = await Deno.makeTempDir({ prefix: "skerry-constraints-" });
  try {
    const authority = createAuthority({
      dir,
      label: "box",
      names: () => ["box"],
    });
    const pair = await authority.pair();
    const permits = readPermits(new Uint8Array(new X509Certificate(pair.certificate).raw));
    assert.deepEqual(permits, permitsFor(subjectNames(["box"])));
    const verified = async (names: readonly string[]) => {
      const leaf = await issueLeaf(pair, subjectNames(names), NOW, new Uint8Array(16).fill(7));
      await Deno.writeTextFile(`${dir}/leaf.pem`, leaf.certificate);
      const { code, stdout, stderr } = await new Deno.Command("openssl", {
        args: ["verify", "-purpose", "sslserver", "-CAfile", `${dir}/ca.pem`, `${dir}/leaf.pem`],
      }).output();
      return code === 0
        ? "ok"
        : new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
    };
    assert.equal(await verified(["box", "a.internal", "10.0.0.1", "::1", "shop.test"]), "ok");
    assert.match(await verified(["google.com"]), /permitted subtree violation/);
    assert.match(await verified(["a.internal", "google.com"]), /permitted subtree violation/);
    assert.match(await verified(["8.8.8.8"]), /permitted subtree violation/);
    assert.match(await verified(["2001:db8::1"]), /permitted subtree violation/);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
