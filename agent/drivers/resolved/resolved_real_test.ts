import assert from "node:assert/strict";
import { createLab } from "../../../scripts/e2e/lab/lab.ts";
import { createLabResolved } from "../../../scripts/e2e/lab/resolved.ts";
import { createResolved } from "./resolved.ts";
import { resolvedContract, WANTED } from "./resolved_contract.ts";

/** Nobody answers there. */
const NOBODY = "198.51.100.1";

async function openHost() {
  const lab = await createLab({ hosts: [{ name: "box", links: [] }] });
  const host = lab.host("box");
  const daemon = await createLabResolved(host, NOBODY);
  const resolved = createResolved({
    run: host.runCommand,
    exists: async (path) => (await host.run(["test", "-e", path])).code === 0,
  });
  return { lab, host, daemon, resolved };
}

resolvedContract("real", async () => {
  const { lab, host, daemon, resolved } = await openHost();
  return {
    resolved,
    start: daemon.start,
    stop: daemon.stop,
    vanish: async (link) => void await host.must(["ip", "link", "delete", link]),
    revert: async (link) => void await daemon.ctl("revert", link),
    close: () => lab.close(),
  };
});

Deno.test("resolved real: a link takes the zone and no other question, and leaves no trace", async () => {
  const { lab, host, daemon, resolved } = await openHost();
  await using _lab = lab;
  await daemon.start();
  const before = await host.must(["ip", "-br", "address"]);
  await resolved.ensure(WANTED);
  const status = await daemon.ctl("status", WANTED.link);
  assert.match(status, /DNS Servers: 127\.0\.0\.1:7453/);
  assert.match(status, /DNS Domain: ~internal/);
  assert.match(status, /-DefaultRoute -LLMNR -mDNS -DNSOverTLS DNSSEC=no/);
  await resolved.remove(WANTED.link);
  assert.equal(await host.must(["ip", "-br", "address"]), before);
  assert.doesNotMatch(await daemon.ctl("domain"), /internal/);
});
