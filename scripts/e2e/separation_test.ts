import assert from "node:assert/strict";
import { requirePrograms } from "./lab/leftovers.ts";
import { spawnProcess } from "./lab/process.ts";
import { until } from "./lab/program.ts";
import { PROGRAMS, runSeparation } from "./separation.ts";
import { effectiveAttacks, tryAttacks } from "./separation_attacks.ts";
import { BOX_LAN, LAPTOP, MEMBERS, nameOf, openStage } from "./separation_hosts.ts";

Deno.test("separation", async (test) => {
  await requirePrograms(PROGRAMS);
  await using stage = await openStage();
  const { box } = stage;
  const netfilter = async (value: "0" | "1") => {
    for (const name of ["iptables", "ip6tables", "arptables"]) {
      await box.settings.write(`net/bridge/bridge-nf-call-${name}`, value);
    }
    await stage.converge();
  };

  await test.step("who reaches whom, with br_netfilter on and off", async () => {
    let table = "";
    const wrong = await runSeparation(stage, (text) => table += text);
    assert.deepEqual(wrong, [], table);
  });

  await test.step("a container sees who asks it: a neighbour's own address, the LAN's own", async () => {
    const log = async (name: string) => {
      const { stdout, stderr } = await stage.podman.run(["logs", name]);
      return stdout + stderr;
    };
    assert.match(await log("shop-db"), /10\.215\.0\.2\b/);
    assert.match(await log("shop-web"), new RegExp(LAPTOP.replaceAll(".", "\\.")));
  });

  await test.step("a neighbour on the LAN does not reach a port of 127.0.0.1 alone", async () => {
    const laptop = stage.lab.host("laptop");
    await laptop.must(["ip", "address", "delete", "127.0.0.1/8", "dev", "lo"]);
    await laptop.settings.write("net/ipv4/conf/eth0/route_localnet", "1");
    const way = ["127.0.0.0/8", "via", BOX_LAN, "dev", "eth0", "src", LAPTOP];
    await laptop.must(["ip", "route", "add", ...way]);
    try {
      const times = ["--connect-timeout", "1", "--max-time", "3"];
      const ask = ["curl", "-s", "--noproxy", "*", ...times, "http://127.0.0.1:8081/"];
      assert.equal((await laptop.run(ask)).stdout, "");
      assert.match((await box.run(ask)).stdout, /shop-db/);
    } finally {
      await laptop.run(["ip", "route", "delete", "127.0.0.0/8"]);
      await laptop.run(["ip", "address", "add", "127.0.0.1/8", "dev", "lo"]);
    }
  });

  for (const value of ["1", "0"] as const) {
    await test.step(`attacks get through without our tables only; br_netfilter ${value}`, async () => {
      await netfilter(value);
      for (const family of ["inet", "bridge"]) {
        await box.must(["nft", "delete", "table", family, "skerry_separ"]);
      }
      assert.deepEqual(await tryAttacks(stage), await effectiveAttacks(stage));
      assert.deepEqual(await stage.converge(), ["firewall: do"]);
      assert.deepEqual(await tryAttacks(stage), []);
    });
  }

  await test.step("a connection ends when its network is no longer shared", async () => {
    const inside = (name: string, argv: readonly string[]) =>
      spawnProcess([...stage.inside(name), ...argv]);
    const server = inside("blog-joint", ["socat", "-d", "-d", "-u", "TCP-LISTEN:7000", "STDOUT"]);
    await server.waitFor(/listening/);
    const ticks = ["SYSTEM:while sleep 0.1; do echo tick; done", "TCP:10.215.0.7:7000"];
    const client = inside("shop-joint", ["socat", "-u", ...ticks]);
    try {
      await server.waitFor(/tick/);
      await stage.converge(
        MEMBERS.map((member) =>
          nameOf(member) === "blog-joint" ? { ...member, networks: ["blog/default"] } : member
        ),
      );
      let before = -1;
      let quiet = 0;
      await until("the ticks to stop", async () => {
        const { length } = server.text();
        quiet = length === before ? quiet + 1 : 0;
        before = length;
        return quiet > 40;
      });
      await stage.converge();
    } finally {
      await client.stop();
      await server.stop();
    }
  });

  await test.step("the bridge, its address and carrier outlive the last container", async () => {
    await stage.podman.must(["rm", "-f", "-t", "0", "--all"]);
    const link = await box.must(["ip", "address", "show", "dev", "sk-separ"]);
    assert.match(link, /LOWER_UP[^]*10\.215\.0\.1\/24/);
    assert.deepEqual(await stage.converge(), []);
  });
});
