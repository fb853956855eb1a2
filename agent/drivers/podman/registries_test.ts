import assert from "node:assert/strict";
import fc from "fast-check";
import { createRunCommand } from "../../../shared/command.ts";
import { mirrorLocation, registryHost } from "../../../shared/model/registry.ts";
import { authFilePath, createAuthFile, renderAuthFile } from "./auth_file.ts";
import { assertGolden } from "./golden.ts";
import { parseImageReference } from "./image_reference.ts";
import { pullFailureOf, unauthorized } from "./pull_failure.ts";
import { mayBePlain, placesOf, type RegistrySettings, renderRegistriesConf } from "./registries.ts";
import { registryAuth } from "./transport.ts";

const login = { username: "me", password: "pass?>word" };
const known: readonly RegistrySettings[] = [
  { host: "cache.lan:5000", plainHttp: true, mirrors: [], login },
  {
    host: "docker.io",
    plainHttp: false,
    mirrors: ["cache.lan:5000/hub", "m.example"],
    login: null,
  },
  { host: "ghcr.io", plainHttp: false, mirrors: [], login },
];

Deno.test("registries.conf: mirrors in their order, plain http for the named alone", () => {
  assertGolden("registries.txt", renderRegistriesConf(["old.lan"], known));
  assert.ok(mayBePlain(known, [], "cache.lan:5000"));
  assert.ok(mayBePlain(known, ["old.lan"], "old.lan"));
  assert.ok(mayBePlain([], [], "127.0.0.1:5000"));
  for (const host of ["docker.io", "cache.lan", "ghcr.io"]) assert.ok(!mayBePlain(known, [], host));
});

Deno.test("no setting says more in registries.conf than it is", () => {
  const host = fc.string().map(registryHost).filter((text) => text !== null);
  const mirror = fc.string().map(mirrorLocation).filter((text) => text !== null);
  const registry = fc.record({
    host,
    plainHttp: fc.boolean(),
    mirrors: fc.uniqueArray(mirror, { maxLength: 3 }),
    login: fc.constant(null),
  });
  const all = fc.uniqueArray(registry, { selector: (each) => each.host, maxLength: 4 });
  fc.assert(fc.property(all, (registries) => {
    const text = renderRegistriesConf([], registries);
    const mirrors = registries.flatMap((each) => each.mirrors);
    assert.equal(text.match(/^\[\[registry\.mirror\]\]$/gm)?.length ?? 0, mirrors.length);
    assert.equal(text.match(/^\[engine\]/m), null);
    for (const line of text.split("\n")) {
      assert.match(line, /^(|#.*|\[\[[a-z.]+\]\]|[a-z-]+ = .*)$/);
    }
  }));
});

Deno.test("where an image is looked for", () => {
  const reference = parseImageReference("nginx:1");
  assert.ok(reference !== null);
  assert.deepEqual(placesOf(reference, known), [
    { host: "cache.lan:5000", repository: "hub/library/nginx", isMirror: true },
    { host: "m.example", repository: "library/nginx", isMirror: true },
    { host: "docker.io", repository: "library/nginx", isMirror: false },
  ]);
});

Deno.test("Podman's forms of a login", () => {
  assert.equal(renderAuthFile([]), null);
  assert.deepEqual(JSON.parse(renderAuthFile(known) ?? ""), {
    auths: {
      "cache.lan:5000": { auth: btoa("me:pass?>word") },
      "ghcr.io": { auth: btoa("me:pass?>word") },
    },
  });
  fc.assert(fc.property(fc.string(), fc.string(), (username, password) => {
    const header = registryAuth({ username, password });
    // Go's decoder wants the padding.
    assert.match(header, /^[A-Za-z0-9_-]*={0,2}$/);
    assert.equal(header.length % 4, 0);
    const bytes = Uint8Array.from(
      atob(header.replaceAll("-", "+").replaceAll("_", "/")),
      (char) => char.charCodeAt(0),
    );
    const text = new TextDecoder().decode(bytes);
    assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify({ username, password })));
  }));
});

Deno.test("why an image did not come: the registry's own reason, not its mirrors'", () => {
  const words = (origin: string) =>
    "initializing source docker://a/b:1: (Mirrors also failed: [m.lan/b:1: reading manifest 1 in " +
    `m.lan/b: unauthorized: authentication required]): a/b:1: ${origin}`;
  assert.equal(
    pullFailureOf(words("dial tcp 10.0.0.1:443: connect: connection refused")),
    "unreachable",
  );
  assert.equal(pullFailureOf(words("unauthorized: authentication required")), "unauthorized");
  assert.match(unauthorized("x", "a.lan", null).message, /skerry registry login a\.lan/);
});

Deno.test("logins are laid out for as long as somebody holds them, in memory alone", async () => {
  const folder = await Deno.makeTempDir({ prefix: "skerry-logins-" });
  const path = authFilePath(folder);
  const there = () => Deno.stat(path).then((info) => info.mode ?? 0, () => null);
  let registries = known;
  const file = createAuthFile({ folder, registries: () => registries, run: createRunCommand() });
  try {
    const [one, two] = await Promise.all([file.hold(), file.hold()]);
    assert.equal((await there() ?? 0) & 0o777, 0o600);
    const type = await new Deno.Command("stat", { args: ["-f", "-c", "%T", path] }).output();
    assert.equal(new TextDecoder().decode(type.stdout).trim(), "tmpfs");
    await one.release();
    await one.release();
    assert.notEqual(await there(), null);
    await two.release();
    assert.equal(await there(), null);
    registries = [];
    const none = await file.hold();
    assert.equal(await there(), null);
    await none.release();
  } finally {
    await new Deno.Command("umount", { args: [folder], stderr: "null" }).output();
    await Deno.remove(folder, { recursive: true });
  }
});
