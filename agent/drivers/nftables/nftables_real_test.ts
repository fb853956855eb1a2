import assert from "node:assert/strict";
import fc from "fast-check";
import { createLab, type Lab } from "../../../scripts/e2e/lab/lab.ts";
import { requirePrograms } from "../../../scripts/e2e/lab/leftovers.ts";
import { until } from "../../../scripts/e2e/lab/program.ts";
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
  await fc.assert(fc.asyncProperty(anyWanted(), accepted), { numRuns: 15 });
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

Deno.test("nftables kernel: a UDP sender that never pauses follows its port to the new container", async () => {
  await requirePrograms({ nft: "nftables", conntrack: "conntrack", socat: "socat" });
  const link = (address: string) => [{ lan: "plant", address: `${address}/24` }];
  await using lab = await createLab({
    hosts: [
      { name: "box", links: link("198.18.0.1") },
      { name: "old", links: link("198.18.0.2") },
      { name: "new", links: link("198.18.0.3") },
    ],
  });
  const box = lab.host("box");
  const program = new URL("../../../scripts/e2e/lab/udp_word.ts", import.meta.url).pathname;
  for (const name of ["old", "new"]) {
    const argv = [Deno.execPath(), "run", "-A", "--quiet", program, "0.0.0.0", "514", name];
    lab.host(name).spawn(argv);
  }
  const nftables = createNftables({ run: box.runCommand });
  const leadTo = (address: string) =>
    nftables.replace({
      ...sampleWanted("skerry_t"),
      published: [
        { hostAddress: null, hostPort: 514, protocol: "udp", address, containerPort: 514 },
      ],
    }, "d");
  /** Always from one port: one flow. */
  const ask = async () =>
    (await box.run(["socat", "-t0.3", "STDIO", "UDP:198.18.0.1:514,sourceport=40514"], {
      stdin: "x",
    })).stdout.trim();
  await leadTo("198.18.0.2");
  await until("the old one to answer", async () => (await ask()) === "old");
  await leadTo("198.18.0.3");
  await until("the new one to answer", async () => (await ask()) === "new");
});
