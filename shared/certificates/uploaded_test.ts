import assert from "node:assert/strict";
import { createUploaded } from "./uploaded.ts";

/** What openssl makes begins at this second. */
const NOW = Date.now() + 3_600_000;

async function openssl(dir: string, ...args: string[]): Promise<void> {
  const { code, stderr } = await new Deno.Command("openssl", { args, cwd: dir }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
}

const EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Root, intermediate and leaf of another authority, made by openssl. */
async function makeChain(dir: string): Promise<void> {
  const leaf = "subjectAltName=DNS:shop.example.com\nbasicConstraints=critical,CA:FALSE\n";
  await Deno.writeTextFile(`${dir}/leaf.ext`, leaf + "extendedKeyUsage=serverAuth\n");
  await Deno.writeTextFile(`${dir}/client.ext`, leaf + "extendedKeyUsage=clientAuth\n");
  await Deno.writeTextFile(`${dir}/none.ext`, "basicConstraints=critical,CA:FALSE\n");
  await Deno.writeTextFile(`${dir}/mid.ext`, "basicConstraints=critical,CA:TRUE\n");
  await openssl(
    dir,
    ...["req", "-x509", ...EC, "-keyout", "root.key", "-out", "root.pem"],
    "-subj",
    "/CN=root",
    "-days",
    "30",
  );
  const sign = async (name: string, by: string, ext: string, days = "20") => {
    const key = await Deno.stat(`${dir}/${name}.key`).then(() => true, () => false);
    const how = key ? ["-key", `${name}.key`] : [...EC, "-keyout", `${name}.key`];
    await openssl(dir, "req", "-new", ...how, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
    await openssl(dir, ...[
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      `${by}.pem`,
      "-CAkey",
      `${by}.key`,
    ], ...["-CAcreateserial", "-days", days, "-extfile", `${ext}.ext`, "-out", `${name}.pem`]);
  };
  await sign("mid", "root", "mid");
  await sign("leaf", "mid", "leaf");
  await sign("client", "mid", "client");
  await sign("none", "mid", "none");
  await openssl(
    dir,
    "pkey",
    "-in",
    "leaf.key",
    "-aes256",
    "-passout",
    "pass:x",
    "-out",
    "locked.key",
  );
  await openssl(dir, "ecparam", "-name", "secp521r1", "-genkey", "-noout", "-out", "odd.key");
  await sign("odd", "mid", "leaf");
}

Deno.test("a good chain is kept with its key 0600; what is wrong is named and changes nothing", async () => {
  const dir = await Deno.makeTempDir({ prefix: "skerry-uploaded-" });
  try {
    await makeChain(dir);
    const text = (...names: string[]) =>
      names.map((name) => Deno.readTextFileSync(`${dir}/${name}`)).join("");
    const uploaded = createUploaded(`${dir}/kept`);
    assert.equal(await uploaded.current(), null);
    assert.equal(await uploaded.remove(), false);
    const good = await uploaded.put(text("leaf.pem", "mid.pem", "root.pem"), text("leaf.key"), NOW);
    assert.deepEqual(good.facts.names, ["shop.example.com"]);
    assert.equal(((await Deno.stat(good.keyFile)).mode ?? 0) & 0o777, 0o600);

    const bad: readonly (readonly [string, string, RegExp, number?])[] = [
      ["", text("leaf.key"), /no certificate/],
      [text("leaf.key"), text("leaf.key"), /no certificate/],
      [text("leaf.pem"), text("leaf.pem"), /in place of the key there is a certificate/],
      [text("leaf.pem"), "junk", /the key cannot be read/],
      [text("leaf.pem"), text("locked.key"), /under a passphrase/],
      [text("leaf.pem"), text("mid.key"), /does not belong to the certificate of "leaf"/],
      [text("mid.pem", "leaf.pem"), text("leaf.key"), /that of certificate 2 in the file/],
      [text("leaf.pem", "root.pem"), text("leaf.key"), /"root"\) did not sign certificate 1/],
      [text("mid.pem"), text("mid.key"), /certificate of an authority/],
      [text("client.pem"), text("client.key"), /not for servers/],
      [text("none.pem"), text("none.key"), /names no host/],
      [text("odd.pem"), text("odd.key"), /browsers do not take a key/],
      [text("leaf.pem"), text("leaf.key"), /ended on/, NOW + 25 * 86_400_000],
      [text("leaf.pem"), text("leaf.key"), /begins on/, NOW - 86_400_000 * 2],
    ];
    for (const [certificate, key, why, at] of bad) {
      await assert.rejects(uploaded.put(certificate, key, at ?? NOW), (thrown: Error) => {
        assert.match(thrown.message, why);
        return true;
      });
    }
    assert.equal((await uploaded.current())?.certFile, good.certFile);
    assert.equal(await uploaded.remove(), true);
    assert.equal(await uploaded.current(), null);
    assert.deepEqual([...Deno.readDirSync(`${dir}/kept`)], []);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
