import assert from "node:assert/strict";
import type { Clock } from "../../../shared/clock.ts";
import { ProjectId } from "../../../shared/model/ids.ts";
import { countedDisks, countedInterfaces } from "./devices.ts";
import { type HostFiles, machineFiles } from "./host_files.ts";
import { createSampler } from "./sampler.ts";
import type { SampleTarget } from "./targets.ts";

const ID = "c".repeat(64);
const target: SampleTarget = {
  project: ProjectId.parse(`prj_${"a".repeat(26)}`),
  projectName: "shop",
  service: "web",
  slot: 1,
  containerId: ID,
  pid: 7,
  identity: `${ID}:7:1`,
  limits: { memoryBytes: 1024, cpus: 0.5 },
};

const HOST: Readonly<Record<string, string>> = {
  "/proc/stat": "cpu  100 0 0 900 0 0 0 0\ncpu0 100 0 0 900 0 0 0 0\n",
  "/proc/meminfo": "MemTotal: 100 kB\nMemAvailable: 60 kB\n",
  "/proc/net/dev":
    "eth0: 1 0 0 0 0 0 0 0 2 0 0 0 0 0 0 0\nveth1: 9 0 0 0 0 0 0 0 9 0 0 0 0 0 0 0\n",
  "/proc/diskstats": "8 0 sda 0 0 2 0 0 0 4 0 0 0 0\n8 1 sda1 0 0 2 0 0 0 4 0 0 0 0\n",
};

const V2: Readonly<Record<string, string>> = {
  "/proc/7/cgroup": `0::/machine.slice/libpod-${ID}.scope/container\n`,
  [`/sys/fs/cgroup/machine.slice/libpod-${ID}.scope/memory.current`]: "600\n",
  [`/sys/fs/cgroup/machine.slice/libpod-${ID}.scope/memory.stat`]: "anon 1\ninactive_file 100\n",
  [`/sys/fs/cgroup/machine.slice/libpod-${ID}.scope/cpu.stat`]: "usage_usec 2000000\n",
  [`/sys/fs/cgroup/machine.slice/libpod-${ID}.scope/io.stat`]: "8:0 rbytes=10 wbytes=20\n",
  "/proc/7/net/dev": "lo: 5 0 0 0 0 0 0 0 5\neth0: 30 0 0 0 0 0 0 0 40\n",
};
const V1: Readonly<Record<string, string>> = {
  "/proc/7/cgroup":
    `5:memory:/libpod/${ID}\n4:cpu,cpuacct:/libpod/${ID}\n3:blkio:/libpod/${ID}\n0::/\n`,
  [`/sys/fs/cgroup/memory/libpod/${ID}/memory.usage_in_bytes`]: "600\n",
  [`/sys/fs/cgroup/memory/libpod/${ID}/memory.stat`]: "cache 3\ntotal_inactive_file 100\n",
  [`/sys/fs/cgroup/cpuacct/libpod/${ID}/cpuacct.usage`]: "2000000000\n",
  [`/sys/fs/cgroup/blkio/libpod/${ID}/blkio.throttle.io_service_bytes`]:
    "8:0 Read 10\n8:0 Write 20\nTotal 30\n",
  "/proc/7/net/dev": V2["/proc/7/net/dev"] ?? "",
};

function machine(files: Record<string, string>, shared = false): HostFiles {
  return {
    read: (path) => files[path] ?? HOST[path] ?? null,
    list: (path) =>
      path === "/sys/class/net/eth0" || path === "/sys/block/sda"
        ? ["device"]
        : path === "/sys/block"
        ? ["sda", "loop0"]
        : [],
    link: (path) => path === "/proc/self/ns/net" || shared ? "net:[1]" : "net:[2]",
  };
}

function clockAt(now: { ms: number }): Clock {
  return { now: () => now.ms, monotonic: () => now.ms, sleep: () => Promise.resolve() };
}

for (const [name, files] of Object.entries({ v2: V2, v1: V1 })) {
  Deno.test(`a container's figures by its control group, ${name}`, async () => {
    const now = { ms: 1_000 };
    const all = { ...files };
    const sampler = createSampler({ files: machine(all), clock: clockAt(now), space: () => null });
    sampler.follow([target]);
    const series = sampler.series();
    const first = (await series.pass()).latest.containers[0];
    assert.equal(first?.values.memory, 500);
    assert.equal(first?.values.cpu, null);
    assert.deepEqual(first?.bounds, { cpu: 0.5, memory: 1024, disk_used: null });
    now.ms += 10_000;
    for (const [path, text] of Object.entries(all)) {
      if (/cpu.stat|cpuacct.usage/.test(path)) all[path] = text.replace("2", "7");
      if (path.endsWith("net/dev")) all[path] = text.replace("eth0: 30", "eth0: 130");
    }
    const second = await series.pass();
    assert.equal(second.latest.containers[0]?.values.cpu, 0.5);
    assert.equal(second.latest.containers[0]?.values.network_rx, 10);
    assert.equal(second.latest.containers[0]?.values.disk_write, 0);
    assert.deepEqual([...second.looks[0]?.network?.keys() ?? []], ["eth0"]);
    assert.deepEqual(second.latest.node.values.cpu, 0);
    assert.deepEqual([...second.host.network?.keys() ?? []], ["eth0"]);
    assert.deepEqual([...second.host.disk?.keys() ?? []], ["sda"]);
    // It is gone, and another process has its number.
    all["/proc/7/cgroup"] = "0::/other\n";
    sampler.follow([{ ...target, identity: "later" }]);
    assert.deepEqual((await series.pass()).latest.containers, []);
  });
}

Deno.test("what shares the host's network has none of its own", async () => {
  const sampler = createSampler({
    files: machine(V2, true),
    clock: clockAt({ ms: 0 }),
    space: () => null,
  });
  sampler.follow([target]);
  const { latest } = await sampler.series().pass();
  assert.equal(latest.containers[0]?.values.network_rx, null);
  assert.equal(latest.containers[0]?.values.memory, 500);
});

Deno.test("devices that are made of others do not count", () => {
  const facts = (name: string, real = false, port = false, bridge = false) => ({
    name,
    real,
    port,
    bridge,
  });
  assert.deepEqual(
    countedInterfaces([facts("lo"), facts("eth0", true, true), facts("br0", false, false, true)]),
    ["eth0"],
  );
  assert.deepEqual(
    countedInterfaces([facts("lo"), facts("sk-main"), facts("plant0"), facts("vx", false, true)]),
    ["plant0"],
  );
  assert.deepEqual(countedDisks([{ name: "loop0", real: false }, { name: "vda", real: false }]), [
    "vda",
  ]);
});

Deno.test("this very machine can be looked at", async () => {
  const sampler = createSampler({
    files: machineFiles,
    clock: clockAt({ ms: 0 }),
    space: () => null,
  });
  const { latest, host } = await sampler.series().pass();
  assert.ok((latest.node.values.memory ?? 0) > 1_000_000);
  assert.ok((host.cpuSeconds ?? 0) > 0);
  assert.ok(host.network !== null && host.disk !== null);
});
