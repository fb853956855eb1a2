/** A machine on which all is well, and the ways in which one is not. */
import type { Machine } from "../check.ts";
import { type HostNames, readResolvConf } from "../host_names.ts";

export const GIB = 1024 ** 3;
const DAY_MS = 86_400_000;
const NOW = Date.parse("2026-12-01T08:00:00Z");

/** A disk of a size with so much free. */
export function spaceOf(
  totalBytes: number,
  freeBytes: number,
  inodes = 0,
  freeInodes = 0,
): NonNullable<Machine["storage"]["space"]> {
  return { totalBytes, usedBytes: totalBytes - freeBytes, freeBytes, inodes, freeInodes };
}

export const NAMES: HostNames = {
  zone: "plant.lan",
  dnsPort: 7500,
  bridge: "sk-main",
  resolver: "other",
  resolves: false,
  resolvConf: readResolvConf("nameserver 192.168.1.1\n"),
  nssResolve: false,
};

export const MACHINE: Machine = {
  security: { root: true, ownNamespace: true, selinux: "off" },
  kernel: {
    release: "6.1.0-18-amd64",
    tried: { overlayfs: null, nftables: null, bridge: null, veth: null, wireguard: null },
    wireguardGo: null,
    tun: true,
    ipForward: true,
  },
  cgroups: {
    mode: "unified",
    controllers: ["cpu", "io", "memory", "pids"],
    runtime: "/usr/bin/crun",
    runtimeSays: "crun version 1.8.1\ncommit: f8a096be060b22ccd3d5f3ebe44108517fbf6c30\n",
  },
  podmanVersion: "4.3.1",
  programs: {
    netavark: "/usr/lib/podman/netavark",
    conmon: "/usr/bin/conmon",
    catatonit: "/usr/bin/catatonit",
    iptables: "/usr/sbin/iptables",
    nft: "/usr/sbin/nft",
    ip: "/usr/sbin/ip",
  },
  traefik: { version: "3.7.13", running: true },
  storage: {
    home: "/var/lib/skerry",
    space: spaceOf(100 * GIB, 50 * GIB),
    highPercent: 85,
    disk: null,
    runs: true,
    fileSystem: "ext4",
    readOnly: false,
  },
  memory: { totalBytes: 2 * GIB, availableBytes: GIB },
  databasePath: "/var/lib/skerry/control/control.db",
  database: { kind: "whole", bytes: 4 << 20 },
  files: [{ path: "/var/lib/skerry/control", mode: 0o700, uid: 0, folder: true }],
  shares: [{ type: "nfs", volumes: ["skerry-shop-data"], helper: true }],
  certificates: [{
    path: "/var/lib/skerry/agent/certificates/ca.pem",
    kind: "authority",
    life: { notBefore: 0, notAfter: Date.parse("9999-12-31T23:59:59Z") },
  }],
  clock: {
    now: NOW,
    builtAt: NOW - 30 * DAY_MS,
    synchronized: true,
    keepers: ["systemd-timesyncd"],
    rtc: NOW - 1_000,
    timeZone: "Europe/Berlin",
    localtime: true,
  },
  ports: [
    { port: 80, flag: "--http-port", owner: { pid: 12, name: "traefik", ours: true } },
    { port: 7443, flag: "--listen", owner: null },
  ],
  firewalls: [],
  dns: {
    zone: "internal",
    dnsPort: 7453,
    own: true,
    upstreams: [{ address: "192.168.1.1", answers: true }],
  },
  hostNames: { ...NAMES, zone: "internal", resolves: true },
  controlVersion: "1.0.0",
  startsAtBoot: true,
  socket: "/run/skerry/control.sock",
};

const {
  security,
  kernel,
  cgroups,
  programs,
  traefik,
  storage,
  files,
  shares,
  clock,
  ports,
  dns,
  hostNames,
} = MACHINE;
const certificate = (kind: "authority" | "leaf" | "uploaded", inDays: number) => ({
  certificates: [{
    path: `/var/lib/skerry/${kind}.pem`,
    kind,
    life: { notBefore: 0, notAfter: NOW + inDays * DAY_MS },
  }],
});
const tried = (change: Machine["kernel"]["tried"]) => ({
  kernel: { ...kernel, tried: { ...kernel.tried, ...change } },
});
const disk = (change: Partial<Machine["storage"]>) => ({ storage: { ...storage, ...change } });

/** By what is wrong. */
export const BREAKS: Readonly<Record<string, Partial<Machine>>> = {
  "not root": { security: { ...security, root: false } },
  "a user namespace": { security: { ...security, ownNamespace: false } },
  "SELinux enforces": { security: { ...security, selinux: "enforcing" } },
  "an old kernel": { kernel: { ...kernel, release: "4.19.0-21-amd64" } },
  "no overlayfs": tried({ overlayfs: "modprobe: FATAL: Module overlay not found" }),
  "no nftables": tried({ nftables: "Operation not supported" }),
  "no bridges": tried({ bridge: "Error: Unknown device type." }),
  "no veth": tried({ veth: "Error: Unknown device type." }),
  "no wireguard": tried({ wireguard: "Error: Unknown device type." }),
  "wireguard-go without tun": {
    kernel: {
      ...kernel,
      tried: { ...kernel.tried, wireguard: "Error: Unknown device type." },
      wireguardGo: "/usr/bin/wireguard-go",
      tun: false,
    },
  },
  "no cgroups": { cgroups: { mode: "none", controllers: [], runtime: null, runtimeSays: null } },
  "cgroups without memory": { cgroups: { ...cgroups, controllers: ["cpu", "pids"] } },
  "cgroups without pids": { cgroups: { ...cgroups, controllers: ["cpu", "memory"] } },
  "hybrid cgroups with crun alone": { cgroups: { ...cgroups, mode: "hybrid", runtime: null } },
  "a runtime that does not run": { cgroups: { ...cgroups, runtimeSays: null } },
  "an old runtime": {
    cgroups: { ...cgroups, runtime: "/usr/sbin/runc", runtimeSays: "runc version 1.0.0-rc93" },
  },
  "no Podman": { podmanVersion: null },
  "an old Podman": { podmanVersion: "4.2.9" },
  "no conmon": { programs: { ...programs, conmon: null } },
  "no iptables": { programs: { ...programs, iptables: null } },
  "no nft": { programs: { ...programs, nft: null } },
  "an old Traefik": { traefik: { ...traefik, version: "3.7.2" } },
  "Traefik does not run": { traefik: { ...traefik, running: false } },
  "a disk that fills": disk({ space: spaceOf(100 * GIB, 12 * GIB) }),
  "a full disk": disk({ space: spaceOf(100 * GIB, GIB / 2) }),
  "a small disk": disk({ space: spaceOf(4 * GIB, GIB), runs: false }),
  "few inodes": disk({ space: spaceOf(100 * GIB, 50 * GIB, 1_000_000, 90_000) }),
  "a disk that was mounted read-only": disk({ readOnly: true }),
  "a home on NFS": disk({ fileSystem: "nfs4" }),
  "a home in memory": disk({ fileSystem: "tmpfs" }),
  "little memory": { memory: { totalBytes: 256 << 20, availableBytes: 128 << 20 } },
  "memory is used up": { memory: { totalBytes: 2 * GIB, availableBytes: 50 << 20 } },
  "a damaged database": { database: { kind: "damaged", reason: "file is not a database" } },
  "a database that is held": { database: { kind: "unreadable", reason: "database is locked" } },
  "a key that others may read": {
    files: [...files, { path: "/var/lib/skerry/control/keys", mode: 0o644, uid: 0, folder: false }],
  },
  "a folder of somebody else": {
    files: [{ path: "/var/lib/skerry/control", mode: 0o750, uid: 1000, folder: true }],
  },
  "no nfs-common": { shares: shares.map((each) => ({ ...each, helper: false })) },
  "no cifs-utils": { shares: [{ type: "cifs", volumes: ["a", "b"], helper: false }] },
  "a leaf that ended": certificate("leaf", -1),
  "a leaf at its end": certificate("leaf", 3),
  "an uploaded certificate at its end": certificate("uploaded", 20),
  "a certificate of the future": {
    certificates: [{
      path: "/ca.pem",
      kind: "authority",
      life: { notBefore: NOW + DAY_MS, notAfter: NOW + 400 * DAY_MS },
    }],
  },
  "no certificate": { certificates: [{ path: "/ca.pem", kind: "authority", life: null }] },
  "a clock before the program": {
    clock: { ...clock, now: Date.parse("2018-01-01T00:00:00Z"), rtc: null },
  },
  "a clock that nobody keeps": { clock: { ...clock, synchronized: false, keepers: [] } },
  "a time server that is away": { clock: { ...clock, synchronized: false } },
  "a real-time clock that is off": { clock: { ...clock, rtc: NOW - 400 * DAY_MS } },
  "no time zone": { clock: { ...clock, localtime: false } },
  "nginx on port 80": {
    ports: [
      { port: 80, flag: "--http-port", owner: { pid: 800, name: "nginx", ours: false } },
      ...ports.slice(1),
    ],
  },
  "somebody on port 7443": {
    ports: [{ port: 7443, flag: "--listen", owner: { pid: null, name: "something", ours: false } }],
  },
  "ufw drops": {
    firewalls: [{
      program: "ufw",
      effect: "published ports of containers are not reached from the network",
      remedy: "ufw route allow out on sk-main",
    }],
  },
  "the box does not answer for names": { dns: { ...dns, own: false } },
  "no name server answers": {
    dns: { ...dns, upstreams: [{ address: "192.168.1.1", answers: false }] },
  },
  "one of two name servers answers": {
    dns: {
      ...dns,
      upstreams: [...dns.upstreams, { address: "192.168.1.2", answers: false }],
    },
  },
  "no name server": { dns: { ...dns, upstreams: [] } },
  "the host does not find internal names": { hostNames: { ...hostNames, resolves: false } },
  "it does not start at boot": { startsAtBoot: false },
  "systemd does not run": { startsAtBoot: null },
};
