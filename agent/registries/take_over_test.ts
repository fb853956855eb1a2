import assert from "node:assert/strict";
import { createLog, silentLog } from "../../shared/log.ts";
import { createRegistries } from "./registries.ts";
import { createTakeOver } from "./take_over.ts";

const never = new AbortController().signal;
const registry = (host: string) => ({ host, plainHttp: true, mirrors: [], login: null });

Deno.test("who waits goes on once Podman knows it, and what is known is written in order", async () => {
  const registries = createRegistries({ unseal: () => new Uint8Array(), log: silentLog });
  const written: string[][] = [];
  let release = () => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const takeOver = createTakeOver(registries, async () => {
    if (written.length === 0) await held;
    written.push(registries.known().map(({ host }) => host));
  }, silentLog);
  assert.equal(takeOver.configure(1, [registry("a.lan")]), true);
  let waited = false;
  const waiting = takeOver.when(1, never).then(() => {
    waited = true;
  });
  await Promise.resolve();
  assert.equal(waited, false);
  assert.equal(takeOver.configure(2, [registry("a.lan")]), false);
  assert.equal(takeOver.configure(3, [registry("b.lan")]), true);
  release();
  await Promise.all([waiting, takeOver.when(3, never)]);
  assert.deepEqual(written.at(-1), ["b.lan"]);
});

Deno.test("what cannot be written is told, and holds nobody up", async () => {
  const lines: string[] = [];
  const log = createLog({ write: (_level, message) => lines.push(message) }, "debug");
  const registries = createRegistries({ unseal: () => new Uint8Array(), log });
  const takeOver = createTakeOver(registries, () => Promise.reject(new Error("no space")), log);
  takeOver.configure(1, [registry("a.lan")]);
  await takeOver.when(1, never);
  assert.deepEqual(lines, ["Podman was not told how registries are reached"]);
});
