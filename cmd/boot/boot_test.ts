import assert from "node:assert/strict";
import { createFakeHost, type FakeHostOptions, idleDaemons } from "../fake_host.ts";
import { runProgram } from "../program.ts";
import { createFakeSystemd } from "./fake_systemd.ts";
import { parseShow } from "./systemd.ts";

async function run(args: string[], options: FakeHostOptions = {}) {
  const host = createFakeHost(options);
  const code = await runProgram(args, host, idleDaemons);
  return { code, out: host.printed(), err: host.said() };
}

Deno.test("boot enable writes what was given, starts it, and twice is no change", async () => {
  const systemd = createFakeSystemd({ running: true });
  const env = { SKERRY_HTTPS_PORT: "8443" };
  const first = await run(["boot", "enable", "--http-port", "8080"], { systemd, env });
  assert.equal(first.code, 0, first.err);
  const text = await systemd.read("skerry.service") ?? "";
  assert.deepEqual(text.match(/^Environment=.*$/gm), [
    'Environment="SKERRY_HTTP_PORT=8080"',
    'Environment="SKERRY_HTTPS_PORT=8443"',
  ]);
  const { pid } = await systemd.look("skerry.service");
  assert.notEqual(pid, null);
  const again = await run(["boot", "enable", "--http-port", "8080"], { systemd, env });
  assert.match(again.out, /is as it was/);
  assert.equal((await systemd.look("skerry.service")).pid, pid);
  const changed = await run(["boot", "enable", "--http-port", "8081"], { systemd, env });
  assert.match(changed.out, /systemctl restart skerry\.service/);
});

Deno.test("boot status is 1 until it is enabled; disable ends and removes it", async () => {
  const systemd = createFakeSystemd({ running: true });
  assert.equal((await run(["boot", "status"], { systemd })).code, 1);
  await run(["boot", "enable"], { systemd });
  const shown = await run(["boot", "status", "-o", "json"], { systemd });
  assert.equal(shown.code, 0);
  assert.equal(JSON.parse(shown.out)[0].startsAtBoot, true);
  const disabled = await run(["boot", "disable"], { systemd });
  assert.match(disabled.out, /removed and `skerry up` has ended/);
  assert.equal(await systemd.read("skerry.service"), null);
  assert.match((await run(["boot", "disable"], { systemd })).err, /there is no skerry\.service/);
});

Deno.test("settings that do not fit and machines without systemd are told, and nothing is written", async () => {
  const systemd = createFakeSystemd({ running: true });
  const bad = await run(["boot", "enable", "--http-port", "0"], { systemd });
  assert.equal(bad.code, 2);
  assert.equal(await systemd.read("skerry.service"), null);
  const none = await run(["boot", "enable", "--http-port", "8080", "--home", "/srv/two"]);
  assert.equal(none.code, 1);
  assert.match(none.err, /SKERRY_HOME=\/srv\/two SKERRY_HTTP_PORT=8080 .*skerry up/);
});

Deno.test("what systemctl says is read, or its words are shown", () => {
  const text = "MainPID=42\nNRestarts=3\nActiveState=active\nUnitFileState=enabled\n";
  assert.deepEqual(parseShow(text), {
    UnitFileState: "enabled",
    ActiveState: "active",
    MainPID: 42,
    NRestarts: 3,
  });
  assert.throws(() => parseShow("Failed to connect to bus"), /Failed to connect to bus/);
});
