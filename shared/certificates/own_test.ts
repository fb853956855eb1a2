import assert from "node:assert/strict";
import { createServer } from "node:https";
import { SkerryError } from "../errors.ts";
import { createAuthority } from "./authority.ts";
import { subjectNames } from "./names.ts";
import { readCertificate } from "./read.ts";
import { createOwnCertificates, type OwnCertificates } from "./own.ts";
import { LEAF_LIFETIME_MS, RENEW_BEFORE_MS } from "./span.ts";

const NOW = Date.UTC(2026, 5, 1);

async function withOwn(work: (own: OwnCertificates, dir: string) => Promise<void>) {
  const dir = await Deno.makeTempDir({ prefix: "skerry-certificates-" });
  try {
    await work(
      createOwnCertificates({ dir, authority: createAuthority({ dir, label: "box" }) }),
      dir,
    );
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("names are lower-cased, sorted and told apart; junk is left out", () => {
  const names = subjectNames([
    "B.test",
    "10.0.0.1",
    "b.test",
    "a b",
    "*.x",
    "",
    "::1",
    "fe80::1%e",
  ]);
  assert.deepEqual(names, [
    { type: "ip", value: "10.0.0.1" },
    { type: "ip", value: "::1" },
    { type: "dns", value: "b.test" },
  ]);
});

Deno.test("made once, the same for the same names in any order, new files for new names", async () => {
  await withOwn(async (own, dir) => {
    assert.equal(await own.current(["a.test"], NOW), null);
    const first = await own.ensure(["localhost", "a.test"], NOW);
    assert.equal(first.changed, true);
    const again = await own.ensure(["A.test", "localhost"], NOW);
    assert.deepEqual(again, { ...first, changed: false });
    const more = await own.ensure(["localhost", "a.test", "b.test"], NOW);
    assert.equal(more.changed, true);
    assert.notEqual(more.certFile, first.certFile);
    assert.ok(await Deno.stat(first.certFile));
    assert.equal(((await Deno.stat(first.keyFile)).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(`${dir}/ca.key`)).mode ?? 0) & 0o777, 0o600);
    const ca = await Deno.readTextFile(first.caFile);
    const facts = readCertificate(await Deno.readTextFile(more.certFile));
    assert.equal(facts.signedBy(ca), true);
    assert.equal(await Deno.readTextFile(more.caFile), ca);
  });
});

Deno.test("names that are written in several ways are no reason to renew", async () => {
  await withOwn(async (own) => {
    await own.ensure(["fd00:0:0::1", "A.test", "a.test"], NOW);
    assert.equal((await own.ensure(["fd00:0:0::1", "a.test"], NOW)).changed, false);
  });
});

Deno.test("renewed 30 days before its end, also after a clock that began in 1970", async () => {
  await withOwn(async (own) => {
    const first = await own.ensure(["a.test"], NOW);
    const end = NOW + LEAF_LIFETIME_MS;
    assert.equal((await own.ensure(["a.test"], end - RENEW_BEFORE_MS - 1)).changed, false);
    assert.notEqual((await own.ensure(["a.test"], end - RENEW_BEFORE_MS)).certFile, first.certFile);
    await own.ensure(["a.test", "b.test"], 0);
    assert.equal((await own.ensure(["a.test", "b.test"], NOW)).changed, true);
  });
});

Deno.test("of old certificates only a few are kept", async () => {
  await withOwn(async (own, dir) => {
    for (let i = 0; i < 11; i++) await own.ensure([`n${i}.test`], NOW);
    const keys = [...Deno.readDirSync(dir)].filter(({ name }) => name.startsWith("leaf-"));
    assert.equal(keys.length, 16);
    assert.ok(await own.current(["n10.test"], NOW));
  });
});

Deno.test("a damaged leaf is made anew; a damaged authority is told, not replaced", async () => {
  await withOwn(async (own, dir) => {
    const first = await own.ensure(["a.test"], NOW);
    await Deno.writeTextFile(first.certFile, "junk");
    const second = await own.ensure(["a.test"], NOW);
    assert.equal(second.changed, true);
    const isDamaged = (error: unknown) =>
      error instanceof SkerryError && error.code === "ca_damaged";
    await Deno.remove(`${dir}/ca.key`);
    await assert.rejects(own.ensure(["b.test"], NOW), isDamaged);
    await Deno.writeTextFile(`${dir}/ca.key`, "junk");
    await Deno.writeTextFile(`${dir}/ca.pem`, "junk");
    await assert.rejects(own.ensure(["b.test"], NOW), isDamaged);
  });
});

Deno.test("a client that trusts the authority accepts host names and addresses", async () => {
  await withOwn(async (own) => {
    const { certFile, keyFile, caFile } = await own.ensure(["localhost", "127.0.0.1"], Date.now());
    const server = createServer({
      cert: Deno.readTextFileSync(certFile),
      key: Deno.readTextFileSync(keyFile),
    }, (_, response) => response.end("hello"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    assert.ok(address !== null && typeof address === "object");
    using client = Deno.createHttpClient({ caCerts: [Deno.readTextFileSync(caFile)] });
    try {
      for (const host of ["localhost", "127.0.0.1"]) {
        const response: Response = await fetch(`https://${host}:${address.port}/`, { client });
        assert.equal(await response.text(), "hello");
      }
      await assert.rejects(fetch(`https://127.0.0.2:${address.port}/`, { client }));
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});

Deno.test("a clock that is set, or set back, gives a certificate of the usual life; one never set, one that holds", async () => {
  await withOwn(async (own) => {
    const span = async (now: number) => {
      const { certFile } = await own.ensure(["a.test"], now);
      return readCertificate(await Deno.readTextFile(certFile));
    };
    const unset = await span(0);
    assert.ok(unset.notBefore < NOW && unset.notAfter > NOW + 10 * 365 * 86_400_000);
    assert.equal((await span(NOW)).notAfter, NOW + LEAF_LIFETIME_MS);
    const ahead = NOW + 10 * 365 * 86_400_000;
    assert.equal((await span(ahead)).notAfter, ahead + LEAF_LIFETIME_MS);
    const back = await span(NOW);
    assert.equal(back.notAfter, NOW + LEAF_LIFETIME_MS);
    assert.ok((back.notAfter - back.notBefore) / 86_400_000 <= 825);
  });
});

Deno.test("names that the authority may not sign for are left out, and are no reason to renew", async () => {
  await withOwn(async (own) => {
    const { certFile } = await own.ensure(["a.test", "shop.example.com", "8.8.8.8"], NOW);
    assert.deepEqual(readCertificate(await Deno.readTextFile(certFile)).names, ["a.test"]);
    assert.equal((await own.ensure(["a.test", "shop.example.com"], NOW)).changed, false);
  });
});
