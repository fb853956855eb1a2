import assert from "node:assert/strict";
import { SkerryError } from "../../../shared/errors.ts";
import { turnOver } from "./access_log.ts";
import { findTraefik, isOlder, parseVersion } from "./find.ts";
import { collides, holderOf, listenersOn, parseListeners } from "./listeners.ts";

Deno.test("listeners are read from the kernel's table, whatever the address", () => {
  const row = (local: string, state: string) =>
    `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 777 1 0`;
  const table = [
    "  sl  local_address rem_address   st",
    row("0100007F:0050", "0A"),
    row("00000000:01BB", "0A"),
    row("0100007F:0051", "01"),
    row("00000000000000000000000000000000:0052", "0A"),
    row("0000000000000000FFFF00000100007F:0053", "0A"),
    "junk",
  ].join("\n");
  assert.deepEqual(parseListeners(table).map(({ address, port }) => `${address} ${port}`), [
    "127.0.0.1 80",
    "0.0.0.0 443",
    ":: 82",
    "127.0.0.1 83",
  ]);
  const [local] = parseListeners(table);
  assert.ok(local);
  assert.equal(collides(local, "0.0.0.0", 80), true);
  assert.equal(collides(local, "127.0.0.2", 80), false);
  assert.equal(collides(local, "127.0.0.1", 81), false);
});

Deno.test("the holder of a port is named", () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const [found] = listenersOn("127.0.0.1", listener.addr.port);
  assert.ok(found);
  assert.equal(holderOf(found.inode)?.pid, Deno.pid);
});

const deps = (env: Record<string, string>, programs: readonly string[], version: string) => ({
  env: (name: string) => env[name],
  isProgram: (path: string) => Promise.resolve(programs.includes(path)),
  versionText: () => Promise.resolve(version),
});

Deno.test("Traefik is found where it was named, on PATH, or where set-up puts it", async () => {
  const text = "Version:      3.7.13\nCodename:     x\n";
  const installed = "/usr/local/lib/skerry/traefik";
  const env = { SKERRY_TRAEFIK: "/x/traefik", PATH: "relative:/bin" };
  const all = ["/x/traefik", "/bin/traefik", installed];
  assert.deepEqual(await findTraefik(deps(env, all, text)), {
    path: "/x/traefik",
    version: "3.7.13",
  });
  const { PATH } = env;
  assert.equal((await findTraefik(deps({ PATH }, all, text))).path, "/bin/traefik");
  assert.equal((await findTraefik(deps({ PATH }, [installed], text))).path, installed);
});

Deno.test("a missing, broken or old Traefik is told with a way out", async () => {
  const cases = [
    [deps({ SKERRY_TRAEFIK: "/nowhere" }, ["/bin/traefik"], ""), "traefik_missing"],
    [deps({ PATH: "/bin" }, [], ""), "traefik_missing"],
    [deps({ PATH: "/bin" }, ["/bin/traefik"], "hello"), "traefik_broken"],
    [deps({ PATH: "/bin" }, ["/bin/traefik"], "Version: 3.7.2\n"), "traefik_too_old"],
  ] as const;
  for (const [each, code] of cases) {
    await assert.rejects(
      findTraefik(each),
      (error) => error instanceof SkerryError && error.code === code && error.remedy !== null,
    );
  }
  assert.equal(parseVersion("Version:      v3.8.0-rc1"), "3.8.0");
  assert.equal(isOlder("3.10.0", "3.7.3"), false);
  assert.equal(isOlder("2.99.99", "3.7.3"), true);
});

Deno.test("the access log is turned over, only so many are kept, only the oldest goes", async () => {
  const dir = await Deno.makeTempDir();
  const path = `${dir}/access.log`;
  const budget = { fileBytes: 10, keep: 2 };
  try {
    assert.equal(await turnOver(path, budget, () => assert.fail("not there")), false);
    for (const text of ["first......", "second.....", "third......"]) {
      await Deno.writeTextFile(path, text);
      let reopened = 0;
      assert.equal(await turnOver(path, budget, () => reopened++), true);
      assert.equal(reopened, 1);
    }
    assert.equal(await Deno.readTextFile(`${path}.1`), "third......");
    assert.equal(await Deno.readTextFile(`${path}.2`), "second.....");
    assert.equal([...Deno.readDirSync(dir)].length, 2);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
