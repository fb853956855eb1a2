import assert from "node:assert/strict";
import fc from "fast-check";
import {
  mirrorHost,
  MirrorLocation,
  mirrorLocation,
  RegistryHost,
  registryHost,
  RegistryLogin,
} from "./registry.ts";

Deno.test("a registry has one name, however it is written", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ["docker.io", "docker.io"],
    ["index.docker.io", "docker.io"],
    ["Registry-1.Docker.IO", "docker.io"],
    ["GHCR.io", "ghcr.io"],
    ["reg.lan:5000", "reg.lan:5000"],
    ["localhost:5000", "localhost:5000"],
    ["10.0.0.7:5000", "10.0.0.7:5000"],
    ["reg.lan:0", null],
    ["reg.lan:70000", null],
    ["https://reg.lan", null],
    ["reg.lan/path", null],
    ["user@reg.lan", null],
    ["-reg.lan", null],
    ["reg..lan", null],
    ['x"\n[engine]', null],
    ["", null],
  ];
  for (const [text, host] of cases) assert.equal(registryHost(text), host, text);
});

Deno.test("a mirror may lie below a path; nothing else gets in", () => {
  const cases: readonly (readonly [string, string | null])[] = [
    ["cache.lan:5000", "cache.lan:5000"],
    ["Cache.lan:5000/hub/", "cache.lan:5000/hub"],
    ["cache.lan/a/b-c.d", "cache.lan/a/b-c.d"],
    ["cache.lan/../x", null],
    ["cache.lan/a//b", null],
    ['cache.lan/"', null],
    ["http://cache.lan", null],
  ];
  for (const [text, location] of cases) assert.equal(mirrorLocation(text), location, text);
  assert.equal(mirrorHost("cache.lan:5000/hub"), "cache.lan:5000");
});

Deno.test("names that were made once are kept as they are", () => {
  fc.assert(fc.property(fc.string(), (text) => {
    const host = registryHost(text);
    if (host !== null) assert.ok(RegistryHost.safeParse(host).success);
    const location = mirrorLocation(text);
    if (location !== null) {
      assert.ok(MirrorLocation.safeParse(location).success);
      assert.doesNotMatch(location, /[\s"\\[\]]/);
    }
  }));
  assert.ok(!RegistryHost.safeParse("Reg.lan").success);
});

Deno.test("a user's name cannot end the name in a Basic header", () => {
  assert.ok(RegistryLogin.safeParse({ username: "robot$plant+a", password: "p:w" }).success);
  for (const username of ["a:b", "", "a\n"]) {
    assert.ok(!RegistryLogin.safeParse({ username, password: "p" }).success, username);
  }
});
