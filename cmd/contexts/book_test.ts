import assert from "node:assert/strict";
import { dirname } from "node:path";
import { placeOf } from "../place.ts";
import { contextNameFor, controlAddress, fingerprintFrom } from "./address.ts";
import { bookPath, createContextBook, withContext, withoutContext } from "./book.ts";

const ENTRY = { url: "https://box:7443", user: "anna", token: "skt_x", authority: null };

async function withFolder(work: (env: Record<string, string>) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir({ prefix: "skerry-contexts-" });
  try {
    await work({ XDG_CONFIG_HOME: dir });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

Deno.test("what is written is read again, in a file of mode 0600 in a folder of mode 0700", async () => {
  await withFolder(async (env) => {
    const book = createContextBook(env);
    assert.deepEqual(await book.read(), { schema: 1, current: null, contexts: {} });
    const made = withContext(await book.read(), "box", ENTRY);
    await book.write(made);
    assert.deepEqual(await book.read(), made);
    assert.equal(((await Deno.stat(book.path)).mode ?? 0) & 0o777, 0o600);
    assert.equal(((await Deno.stat(dirname(book.path))).mode ?? 0) & 0o777, 0o700);
    assert.deepEqual(withoutContext(made, "box"), { schema: 1, current: null, contexts: {} });
    assert.deepEqual(withoutContext(made, "other"), made);
  });
});

Deno.test("a file that others can read, or that is damaged, is refused without a word of what is in it", async () => {
  await withFolder(async (env) => {
    const book = createContextBook(env);
    await book.write(withContext(await book.read(), "box", ENTRY));
    const good = await Deno.readTextFile(book.path);
    for (const mode of [0o640, 0o604, 0o622]) {
      await Deno.chmod(book.path, mode);
      await assert.rejects(book.read(), { code: "config_open" });
    }
    await Deno.chmod(book.path, 0o600);
    const bad = [
      "",
      "{",
      good.replace('"skt_x"', "skt_x"),
      good.replace('"skt_x"', "7"),
      good.replace('"schema": 1', '"schema": 2'),
      good.replace('"current": "box"', '"current": "gone"'),
      good.replace("https://", "http://"),
      good.replace('"user"', '"users"'),
      "\u0000".repeat(1000),
    ];
    for (const text of bad) {
      await Deno.writeTextFile(book.path, text);
      await assert.rejects(book.read(), (thrown: Error) => {
        assert.match(thrown.message, /cannot be understood/);
        assert.doesNotMatch(thrown.message, /skt_x/);
        return true;
      }, text);
    }
  });
});

Deno.test("a context by flag, by variable, or in use; a home that is named wins over the one in use", async () => {
  await withFolder(async (env) => {
    const book = createContextBook(env);
    const kindOf = async (
      written: { home?: string; context?: string },
      more: Record<string, string> = {},
    ) => {
      const place = await placeOf(written, { ...env, ...more }, "/");
      return place.kind === "away" ? place.name : "here";
    };
    assert.equal(await kindOf({}), "here");
    await book.write(withContext(await book.read(), "two", ENTRY));
    await book.write(withContext(await book.read(), "box", ENTRY));
    assert.equal(await kindOf({}), "box");
    assert.equal(await kindOf({}, { SKERRY_CONTEXT: "two" }), "two");
    assert.equal(await kindOf({ context: "two" }, { SKERRY_CONTEXT: "box" }), "two");
    assert.equal(await kindOf({ context: "local" }), "here");
    assert.equal(await kindOf({}, { SKERRY_HOME: "/srv/x" }), "here");
    assert.equal(await kindOf({}, { SKERRY_HOME: "/srv/x", SKERRY_CONTEXT: "two" }), "two");
    assert.equal(await kindOf({ home: "/srv/x" }, { SKERRY_CONTEXT: "two" }), "here");
    await assert.rejects(kindOf({ context: "gone" }), { code: "no_context" });
    await assert.rejects(kindOf({ context: "two", home: "/x" }), /exclude each other/);
    await assert.rejects(kindOf({ context: "No Good" }), /no name of a context/);
  });
});

Deno.test("addresses and fingerprints as people write them", () => {
  assert.equal(controlAddress("box").url, "https://box:7443");
  assert.equal(controlAddress("box:443").url, "https://box");
  assert.equal(controlAddress("https://box").port, 443);
  assert.equal(controlAddress("https://Box.Plant.lan:7443/").url, "https://box.plant.lan:7443");
  assert.deepEqual(controlAddress("[fd00::1]:7443"), {
    url: "https://[fd00::1]:7443",
    hostname: "fd00::1",
    port: 7443,
  });
  for (
    const bad of ["", "http://box", "https://u:p@box", "https://box/x", "https://box?x", "a b"]
  ) {
    assert.throws(() => controlAddress(bad), /no address of a control plane/, bad);
  }
  assert.equal(contextNameFor(controlAddress("box.plant.lan")), "box");
  assert.equal(contextNameFor(controlAddress("10.1.2.3:7443")), "10.1.2.3");
  assert.equal(contextNameFor(controlAddress("[fd00::1]:7443")), "fd00--1");
  const hex = "ab".repeat(32);
  assert.equal(fingerprintFrom(hex), "AB:".repeat(31) + "AB");
  assert.equal(fingerprintFrom(`SHA256:${"AB:".repeat(31)}AB`), "AB:".repeat(31) + "AB");
  assert.equal(fingerprintFrom("AB:CD"), null);
  assert.equal(bookPath({ HOME: "/home/a" }), "/home/a/.config/skerry/config.json");
  assert.equal(
    bookPath({ HOME: "/home/a", XDG_CONFIG_HOME: "relative" }),
    bookPath({ HOME: "/home/a" }),
  );
  assert.equal(bookPath({}), null);
});
