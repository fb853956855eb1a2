import assert from "node:assert/strict";
import fc from "fast-check";
import { createLab, type Lab } from "../../../scripts/e2e/lab/lab.ts";
import { requirePrograms } from "../../../scripts/e2e/lab/leftovers.ts";
import type { FirewallWanted } from "./driver.ts";
import { createNftables } from "./nftables.ts";
import { nftablesContract, sampleWanted } from "./nftables_contract.ts";
import { renderReplace } from "./render.ts";
import { anyWanted } from "./wanted_arbitrary.ts";

async function openLab(): Promise<Lab> {
  await requirePrograms({ nft: "nftables", ip: "iproute2" });
  return await createLab({ hosts: [{ name: "box", links: [] }] });
}

nftablesContract("kernel", async () => {
  const lab = await openLab();
  return {
    nftables: createNftables({ run: lab.host("box").runCommand }),
    close: () => lab.close(),
  };
});

Deno.test("nftables kernel: a change by another hand voids the digest, other tables stay", async () => {
  await using lab = await openLab();
  const box = lab.host("box");
  const nftables = createNftables({ run: box.runCommand });
  await box.must(["nft", "add", "table", "inet", "theirs"]);
  await nftables.replace(sampleWanted("skerry_t"), "d1");
  for (
    const change of [
      ["add", "rule", "inet", "skerry_t", "between", "accept"],
      ["flush", "chain", "bridge", "skerry_t", "forward"],
      ["delete", "element", "inet", "skerry_t", "members", "{ 10.215.0.2 }"],
      ["delete", "table", "bridge", "skerry_t"],
      ["flush", "ruleset"],
    ]
  ) {
    await nftables.replace(sampleWanted("skerry_t"), "d1");
    assert.equal((await nftables.observe("skerry_t")).digest, "d1");
    await box.must(["nft", ...change]);
    assert.equal((await nftables.observe("skerry_t")).digest, null, change.join(" "));
  }
  await box.must(["nft", "add", "table", "inet", "theirs"]);
  await nftables.replace(sampleWanted("skerry_t"), "d2");
  await nftables.remove("skerry_t");
  assert.equal((await box.must(["nft", "list", "tables"])).trim(), "table inet theirs");
});

Deno.test("nftables kernel: any wanted state is accepted", async () => {
  await using lab = await openLab();
  const nftables = createNftables({ run: lab.host("box").runCommand });
  const accepted = async (wanted: FirewallWanted) => {
    await nftables.replace(wanted, "d");
    const seen = await nftables.observe(wanted.table);
    assert.equal(seen.digest, "d");
    assert.equal(seen.published.length, wanted.published.length);
  };
  await fc.assert(fc.asyncProperty(anyWanted(), accepted), { numRuns: 40 });
});

Deno.test("nftables kernel: nft parses the rules by bridge name, where the kernel may lack them", async () => {
  await using lab = await openLab();
  const { code, stderr } = await lab.host("box").run(["nft", "-c", "-f", "-"], {
    stdin: renderReplace(sampleWanted("skerry_t"), "d", "name"),
  });
  // Only the kernel's lack of nft_meta_bridge may be complained of, never syntax.
  if (code !== 0) {
    for (const line of stderr.split("\n").filter((text) => text.includes("Error:"))) {
      assert.match(line, /Could not process rule: Operation not supported/);
    }
  }
});
