import assert from "node:assert/strict";
import { createLog } from "../../shared/log.ts";
import { SecretVersionId } from "../../shared/model/ids.ts";
import { createRegistries } from "./registries.ts";

const id = SecretVersionId.parse(`sec_${"a".repeat(26)}`);
const PASSWORD = "hunter2-sealed";

Deno.test("logins are opened once; what does not open is told without what is in it", () => {
  const lines: string[] = [];
  const log = createLog({
    write: (_level, message, fields) => lines.push(`${message} ${JSON.stringify(fields)}`),
  }, "debug");
  let opened = 0;
  const registries = createRegistries({
    log,
    unseal(sealed) {
      opened++;
      if (sealed === "bm8=") throw new Error("it does not open");
      return new TextEncoder().encode(atob(sealed));
    },
  });
  const entry = (host: string, text: string | null) => ({
    host,
    plainHttp: false,
    mirrors: ["cache.lan:5000"],
    login: text === null ? null : { id, sealed: btoa(text) },
  });
  const wanted = [
    entry("a.lan", JSON.stringify({ username: "u", password: PASSWORD })),
    entry("b.lan", "no"),
    entry("c.lan", `{"username":"u","password":"${PASSWORD}`),
    entry("d.lan", JSON.stringify({ username: "u:v", password: PASSWORD })),
    entry("e.lan", null),
  ];
  assert.equal(registries.configure([]), false);
  assert.equal(registries.configure(wanted), true);
  assert.equal(registries.configure(structuredClone(wanted)), false);
  assert.equal(opened, 4);
  assert.deepEqual(registries.known().map(({ host, login }) => [host, login?.password ?? null]), [
    ["a.lan", PASSWORD],
    ["b.lan", null],
    ["c.lan", null],
    ["d.lan", null],
    ["e.lan", null],
  ]);
  assert.deepEqual(registries.known()[0]?.mirrors, ["cache.lan:5000"]);
  assert.equal(lines.length, 3, lines.join("\n"));
  assert.doesNotMatch(lines.join("\n"), /hunter2/);
  assert.equal(registries.configure([]), true);
  assert.deepEqual(registries.known(), []);
});
