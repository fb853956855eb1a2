import assert from "node:assert/strict";
import { createNftables } from "../../drivers/nftables/nftables.ts";
import { sampleWanted } from "../../drivers/nftables/nftables_contract.ts";
import { createLab, type Lab } from "../../../scripts/e2e/lab/lab.ts";
import { requirePrograms } from "../../../scripts/e2e/lab/leftovers.ts";
import { foreignFirewalls } from "./foreign.ts";

const ours = { bridge: "sk-main", nftTable: "skerry_main" };

async function foundWith(...commands: readonly string[]): Promise<readonly string[]> {
  await requirePrograms({ iptables: "iptables", nft: "nftables" });
  await using lab: Lab = await createLab({ hosts: [{ name: "box", links: [] }] });
  const box = lab.host("box");
  await createNftables({ run: box.runCommand }).replace(sampleWanted(ours.nftTable), "d");
  for (const command of commands) await box.must(command.split(" "));
  const found = await foreignFirewalls({ run: box.runCommand }, ours);
  return found.map(({ program, remedy }) => `${program}: ${remedy}`);
}

Deno.test("no other firewall: nothing is said, not even of our own tables", async () => {
  assert.deepEqual(await foundWith(), []);
  assert.deepEqual(await foundWith("iptables -A FORWARD -j ACCEPT"), []);
});

Deno.test("ufw, only where it is active", async () => {
  const installed = "iptables -N ufw-user-forward";
  assert.deepEqual(await foundWith(installed), []);
  const [said] = await foundWith(installed, "iptables -P FORWARD DROP", "iptables -P INPUT DROP");
  assert.equal(
    said,
    "ufw: ufw route allow out on sk-main && ufw allow in on sk-main to any port 53",
  );
});

Deno.test("Docker, firewalld, and a drop of unknown origin", async () => {
  const docker = await foundWith("iptables -N DOCKER-USER", "iptables -P FORWARD DROP");
  assert.match(docker.join(), /^docker: iptables -I DOCKER-USER -o sk-main/);
  const firewalld = await foundWith(
    "nft add table inet firewalld",
    "nft add chain inet firewalld a",
  );
  assert.match(firewalld.join(), /^firewalld: firewall-cmd .*--add-interface=sk-main/);
  const unknown = await foundWith("iptables -P FORWARD DROP");
  assert.match(unknown.join(), /^unknown: .*sk-main/);
});
