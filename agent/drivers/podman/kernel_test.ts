import assert from "node:assert/strict";
import { containerPath } from "./cgroup.ts";
import { kernelLimits, parseUlimitTable } from "./limits.ts";
import { counterOf, readStrain } from "./strain.ts";

const ID = "c".repeat(64);
const LIMITS = `Limit                     Soft Limit           Hard Limit           Units     
Max cpu time              unlimited            unlimited            seconds   
Max core file size        0                    unlimited            bytes     
Max processes             32768                32768                processes 
Max open files            1024                 4096                 files     
Max nice priority         0                    0                    
`;
const ULIMITS = [
  { name: "core", soft: 0, hard: -1 },
  { name: "cpu", soft: -1, hard: -1 },
  { name: "nice", soft: 0, hard: 0 },
  { name: "nofile", soft: 1024, hard: 4096 },
  { name: "nproc", soft: 32768, hard: 32768 },
];

/** A machine by its files: /proc/7/… and /sys/fs/cgroup/…. */
function machine(cgroup: string, files: Readonly<Record<string, string>>) {
  const proc: Readonly<Record<string, string>> = { "7/cgroup": cgroup, "7/limits": LIMITS };
  return [
    (path: string) => Promise.resolve(proc[path] ?? null),
    (path: string) => Promise.resolve(files[path] ?? null),
  ] as const;
}

const V2 = `/machine.slice/libpod-${ID}.scope`;
const v2files = {
  [`${V2}/memory.max`]: "67108864\n",
  [`${V2}/cpu.max`]: "50000 100000\n",
  [`${V2}/pids.max`]: "64\n",
  [`${V2}/pids.events`]: "max 12\n",
  [`${V2}/memory.events`]: "low 0\nhigh 0\nmax 40\noom 2\noom_kill 1\noom_group_kill 0\n",
  // What crun makes below it has no limits of its own.
  [`${V2}/container/memory.max`]: "max\n",
  [`${V2}/container/pids.max`]: "max\n",
  [`${V2}/container/pids.events`]: "max 0\n",
  [`${V2}/container/memory.events`]: "oom_kill 1\n",
};
const V1 = `/libpod_parent/libpod-${ID}`;
const v1files = {
  [`memory${V1}/memory.limit_in_bytes`]: "67108864\n",
  [`memory${V1}/memory.oom_control`]: "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n",
  [`cpu,cpuacct${V1}/cpu.cfs_quota_us`]: "50000\n",
  [`cpu${V1}/cpu.cfs_quota_us`]: "50000\n",
  [`cpu${V1}/cpu.cfs_period_us`]: "100000\n",
  [`pids${V1}/pids.max`]: "64\n",
  [`pids${V1}/pids.events`]: "max 12\n",
};
const v1cgroup = ["9:name=systemd", "8:pids", "4:memory", "2:cpu,cpuacct"]
  .map((each) => `${each}:${V1}\n`).join("") + "0::/\n";

Deno.test("limits and counters of a container, whatever the machine's cgroups are", async () => {
  const machines = {
    v1: machine(v1cgroup, v1files),
    hybrid: machine(v1cgroup.replace("0::/", `0::${V1}`), v1files),
    "v2, runc": machine(`0::${V2}\n`, v2files),
    "v2, crun": machine(`0::${V2}/container\n`, v2files),
    "v2, systemd inside": machine(`0::${V2}/container/init.scope\n`, v2files),
  };
  for (const [name, [readProc, read]] of Object.entries(machines)) {
    assert.deepEqual(await kernelLimits(ID, 7, readProc, read), {
      memoryBytes: 67_108_864,
      cpus: 0.5,
      pids: 64,
      ulimits: ULIMITS,
    }, name);
    assert.deepEqual(
      await readStrain(ID, 7, readProc, read),
      { refusedProcesses: 12, memoryKills: 1 },
      name,
    );
  }
});

Deno.test("without limits, of another's process, or of none, nothing is made up", async () => {
  const open = machine(`0::${V2}\n`, {
    [`${V2}/memory.max`]: "max\n",
    [`${V2}/cpu.max`]: "max 100000\n",
    [`${V2}/pids.max`]: "max\n",
  });
  const { ulimits: _, ...limits } = await kernelLimits(ID, 7, ...open) ?? { ulimits: [] };
  assert.deepEqual(limits, { memoryBytes: null, cpus: null, pids: null });
  assert.deepEqual(await readStrain(ID, 7, ...open), { refusedProcesses: 0, memoryKills: 0 });
  const other = "d".repeat(64);
  for (const [id, pid] of [[other, 7], [ID, 8], [ID, 0]] as const) {
    assert.equal(await kernelLimits(id, pid, ...open), null);
    assert.equal(await readStrain(id, pid, ...open), null);
  }
});

Deno.test("parts of it", () => {
  assert.equal(containerPath(`${V2}/container/x`, ID), V2);
  assert.equal(containerPath(V1, ID), V1);
  assert.equal(containerPath("/user.slice", ID), null);
  assert.equal(counterOf("max 3\nmaximum 9\n", "max"), 3);
  assert.equal(counterOf("max x\n", "max"), 0);
  assert.equal(counterOf(null, "max"), 0);
  assert.deepEqual(parseUlimitTable("nonsense\n"), []);
});
