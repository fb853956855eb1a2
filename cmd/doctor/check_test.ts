import assert from "node:assert/strict";
import { atLeast, findings, type Machine } from "./check.ts";
import {
  asksResolve,
  type HostNames,
  hostNamesFindings,
  type HostResolver,
  readResolvConf,
} from "./host_names.ts";

const GIB = 1024 ** 3;
const NAMES: HostNames = {
  zone: "plant.lan",
  dnsPort: 7500,
  bridge: "sk-main",
  resolver: "other",
  resolves: false,
  resolvConf: readResolvConf("nameserver 192.168.1.1\n"),
  nssResolve: false,
};
const WELL: Machine = {
  root: true,
  podmanVersion: "4.3.1",
  programs: {
    netavark: "/usr/lib/podman/netavark",
    conmon: "/usr/bin/conmon",
    runc: "/usr/sbin/runc",
    catatonit: "/usr/bin/catatonit",
    iptables: "/usr/sbin/iptables",
    nft: "/usr/sbin/nft",
    ip: "/usr/sbin/ip",
  },
  traefikVersion: "3.7.13",
  nftError: null,
  bridgeError: null,
  ipForward: true,
  home: "/var/lib/skerry",
  space: {
    totalBytes: 100 * GIB,
    usedBytes: 50 * GIB,
    freeBytes: 50 * GIB,
    inodes: 0,
    freeInodes: 0,
  },
  diskHighPercent: 85,
  disk: null,
  controlVersion: "1.0.0",
  hostNames: { ...NAMES, zone: "internal", resolves: true },
  startsAtBoot: true,
  socket: "/run/skerry/control.sock",
  takenPorts: [],
};
const used = (totalBytes: number, freeBytes: number) => ({
  totalBytes,
  usedBytes: totalBytes - freeBytes,
  freeBytes,
  inodes: 0,
  freeInodes: 0,
});
const missing = (machine: Machine) =>
  findings(machine).filter((finding) => finding.state === "missing");

Deno.test("a machine that has everything lacks nothing", () => {
  assert.deepEqual(missing(WELL), []);
});

Deno.test("what is missing is named with what mends it", () => {
  const cases: [Partial<Machine>, string, RegExp][] = [
    [{ root: false }, "user", /sudo/],
    [{ podmanVersion: "4.2.9" }, "podman", /apt-get install .*podman/],
    [{ podmanVersion: null }, "podman", /apt-get install .*podman/],
    [{ programs: { ...WELL.programs, nft: null } }, "nft", /nftables/],
    [{ programs: { ...WELL.programs, iptables: null } }, "iptables", /iptables/],
    [{ traefikVersion: "3.7.2" }, "traefik", /setup/],
    [{ nftError: "Operation not supported" }, "nftables", /nf_tables/],
    [{ space: used(2 * GIB, GIB), controlVersion: null }, "disk", /free 2 GiB/],
    [{ space: used(100 * GIB, GIB / 2) }, "disk", /skerry image prune/],
    [{ takenPorts: [{ port: 80, flag: "--http-port" }] }, "port 80", /left running.*--http-port/],
  ];
  for (const [change, what, remedy] of cases) {
    const found = missing({ ...WELL, ...change });
    assert.deepEqual(found.map((finding) => finding.what), [what]);
    assert.match(found[0]?.remedy ?? "", remedy);
  }
});

Deno.test("versions are compared by number", () => {
  assert(atLeast("4.10.0", [4, 3, 1]));
  assert(atLeast("4.3.1+ds1", [4, 3, 1]));
  assert(atLeast("5", [4, 3, 1]));
  assert(!atLeast("4.3", [4, 3, 1]));
  assert(!atLeast("3.9.9", [4, 3, 1]));
});

Deno.test("how the host resolves internal names is told with the lines for what it has", () => {
  const lines: Record<HostResolver, string> = {
    "systemd-resolved": "ln -sf ../run/systemd/resolve/stub-resolv.conf /etc/resolv.conf",
    "NetworkManager's dnsmasq": "> /etc/NetworkManager/dnsmasq.d/skerry.conf",
    NetworkManager: "[main]\\ndns=dnsmasq\\n",
    dnsmasq: "server=/plant.lan/127.0.0.1#7500\\n",
    unbound: 'name: "plant.lan."\\n  forward-addr: 127.0.0.1@7500',
    other: "bind-interfaces\\nexcept-interface=sk-main\\n",
  };
  const [first] = hostNamesFindings({ ...NAMES, resolves: true });
  assert.equal(first?.remedy, null);
  const remedyOf = (names: Partial<HostNames>) => {
    const [found, more] = hostNamesFindings({ ...NAMES, ...names });
    assert.equal(found?.state, "note");
    assert.equal(more, undefined);
    return found?.remedy ?? "";
  };
  const RESOLVERS = [
    ...["systemd-resolved", "NetworkManager's dnsmasq", "NetworkManager"] as const,
    ...["dnsmasq", "unbound", "other"] as const,
  ];
  for (const resolver of RESOLVERS) {
    const remedy = remedyOf({ resolver });
    assert.ok(remedy.includes(lines[resolver]), remedy);
    assert.match(remedy, /dig @127\.0\.0\.1 -p 7500 SERVICE\.PROJECT\.plant\.lan/);
  }
  const stub = readResolvConf("nameserver 127.0.0.53\noptions edns0\n");
  for (const asked of [{ resolvConf: stub }, { nssResolve: true }]) {
    const remedy = remedyOf({ resolver: "systemd-resolved", ...asked });
    assert.match(remedy, /DNS=127\.0\.0\.1:7500\\nDomains=~plant\.lan\\n/);
  }
  assert.match(remedyOf({ resolver: "dnsmasq" }), /put `nameserver 127\.0\.0\.1` first/);
  const local = readResolvConf("nameserver 127.0.0.1\n");
  assert.doesNotMatch(remedyOf({ resolver: "dnsmasq", resolvConf: local }), /nameserver/);
  const away = findings({
    ...WELL,
    controlVersion: null,
    hostNames: NAMES,
  });
  assert.ok(!away.some((finding) => finding.what === "names on the host"));
});

Deno.test("a disk that fills is told of before it is full, by what takes most", () => {
  const space = used(100 * GIB, 12 * GIB);
  const diskOf = (over: Partial<Machine>) =>
    findings({ ...WELL, ...over }).find(({ what }) => what === "disk");
  const plain = diskOf({ space });
  assert.equal(plain?.state, "note");
  assert.match(plain?.found ?? "", /88 % full \(told from 85 % on\), 12.0 GiB are free/);
  assert.match(plain?.remedy ?? "", /skerry image prune/);
  assert.equal(diskOf({ space, diskHighPercent: 90 })?.state, "ok");
  const disk = {
    ...space,
    usedPercent: 88,
    level: "filling" as const,
    highPercent: 85,
    lowPercent: 80,
    budgetBytes: null,
    kept: { images: 60 * GIB, logs: GIB, events: 0, files: 0 },
    collected: null,
  };
  assert.match(diskOf({ space, disk })?.found ?? "", /images 60.0 GiB, logs 1.0 GiB/);
});

Deno.test("what starts it at boot is told with the way to have it", () => {
  const of = (startsAtBoot: boolean | null) =>
    findings({ ...WELL, startsAtBoot }).find((finding) => finding.what === "start at boot");
  assert.equal(of(true)?.remedy, null);
  assert.equal(of(false)?.remedy, "skerry boot enable");
  assert.match(of(null)?.remedy ?? "", /init system/);
});

Deno.test("a network whose own names lie in the zone is told of", () => {
  const searching = (text: string) =>
    hostNamesFindings({ ...NAMES, resolves: true, resolvConf: readResolvConf(text) })
      .map(({ what }) => what);
  assert.deepEqual(searching("search c.one.plant.lan example.org\n"), [
    "names on the host",
    "zone",
  ]);
  assert.deepEqual(searching("domain PLANT.LAN.\n"), ["names on the host", "zone"]);
  assert.deepEqual(searching("search notplant.lan\n"), ["names on the host"]);
});

Deno.test("resolv.conf and nsswitch.conf are read as glibc reads them", () => {
  const text = "# Generated by NetworkManager\nsearch a.example\nsearch b.example c.example\n" +
    " nameserver 192.168.1.1\nnameserver\t::1\n;nameserver 9.9.9.9\n";
  assert.deepEqual(readResolvConf(text), {
    nameservers: ["192.168.1.1", "::1"],
    search: ["b.example", "c.example"],
    byNetworkManager: true,
  });
  assert.equal(asksResolve("passwd: files\nhosts: files resolve [!UNAVAIL=return] dns\n"), true);
  assert.equal(asksResolve("hosts: files dns\n# hosts: resolve\n"), false);
});
