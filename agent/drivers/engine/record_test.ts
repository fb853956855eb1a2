import assert from "node:assert/strict";
import { parseStat, type ProcessTable } from "./process.ts";
import { type EngineRecord, isOutdated, isSameProcess, specDigest } from "./record.ts";

const spec = {
  name: "traefik",
  program: "/usr/bin/traefik",
  args: ["--configfile=x"],
  env: {},
  workingDir: "/x",
  logFile: "/x/log",
  stateFile: "/x/state",
};
const identity = { device: 1, inode: 2, sizeBytes: 3, modifiedMs: 4 };
const record: EngineRecord = {
  schema: 1,
  name: "traefik",
  bootId: "boot",
  pid: 7,
  startTime: "1234",
  exe: "/usr/bin/traefik",
  program: "/usr/bin/traefik",
  programIdentity: identity,
  specDigest: specDigest(spec),
};

function table(over: Partial<ProcessTable> = {}): ProcessTable {
  return {
    bootId: () => "boot",
    stat: () => ({ state: "S", processGroup: 7, session: 7, startTime: "1234" }),
    exe: () => "/usr/bin/traefik",
    commandLine: () => null,
    environment: () => null,
    pids: () => [],
    ...over,
  };
}

Deno.test("a stat line is read behind the last parenthesis, whatever the name holds", () => {
  const rest = "S 1 7 7 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 98765 1 2 3";
  assert.deepEqual(parseStat(`7 (a) Z 1) b) ${rest}`), {
    state: "S",
    processGroup: 7,
    session: 7,
    startTime: "98765",
  });
  assert.equal(parseStat(""), null);
  assert.equal(parseStat("7 (x) S"), null);
});

Deno.test("a process is the recorded one by boot, start time and binary together", () => {
  assert.equal(isSameProcess(record, table()), true);
  assert.equal(isSameProcess(record, table({ exe: () => "/usr/bin/traefik (deleted)" })), true);
  assert.equal(isSameProcess(record, table({ exe: () => "/bin/other" })), false);
  assert.equal(isSameProcess(record, table({ exe: () => null })), false);
  assert.equal(isSameProcess(record, table({ bootId: () => "later" })), false);
  assert.equal(isSameProcess(record, table({ stat: () => null })), false);
  const reused = { state: "S", processGroup: 7, session: 7, startTime: "9999" };
  assert.equal(isSameProcess(record, table({ stat: () => reused })), false);
  const ending = { state: "Z", processGroup: 7, session: 7, startTime: "1234" };
  assert.equal(isSameProcess(record, table({ stat: () => ending, exe: () => null })), true);
});

Deno.test("outdated by spec or by binary; a removed binary does not count", () => {
  assert.equal(isOutdated(record, record.specDigest, identity), false);
  assert.equal(isOutdated(record, specDigest({ ...spec, args: [] }), identity), true);
  assert.equal(isOutdated(record, record.specDigest, { ...identity, inode: 9 }), true);
  assert.equal(isOutdated(record, null, null), false);
});
