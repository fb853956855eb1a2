import assert from "node:assert/strict";
import fc from "fast-check";
import { compareLimits, type KernelLimits, limitsSentence } from "./limits.ts";

const MIB = 2 ** 20;
const kernel: KernelLimits = {
  memoryBytes: 64 * MIB,
  cpus: 0.5,
  pids: 64,
  ulimits: [{ name: "nofile", soft: 1024, hard: 4096 }],
};

Deno.test("what is wished and what the kernel has, side by side", () => {
  const wished = {
    resources: { memoryBytes: 64 * MIB, cpus: 0.5, pids: 64 },
    ulimits: [{ name: "RLIMIT_NOFILE", soft: 1024, hard: 4096 }],
  };
  const same = compareLimits(wished, kernel);
  assert.deepEqual(same.map(({ name, wished, kernel }) => [name, wished, kernel]), [
    ["memory", "64 MiB", "64 MiB"],
    ["cpus", "0.5", "0.5"],
    ["pids", "64", "64"],
    ["nofile", "1024 to 4096", "1024 to 4096"],
  ]);
  assert.equal(limitsSentence(same), null);
  const off = compareLimits(wished, { ...kernel, memoryBytes: null, pids: 2048 });
  assert.equal(limitsSentence(off), "memory 64 MiB (kernel: none), pids 64 (kernel: 2048)");
  // Of one that does not run nothing is known, and so nothing is off.
  const atRest = compareLimits(wished, null);
  assert.ok(atRest.every((each) => each.kernel === null && !each.differs));
  // Nobody asked for Podman's own limit of processes: it is shown, and no difference.
  const [own] = compareLimits({ resources: {}, ulimits: [] }, { ...kernel, memoryBytes: null });
  assert.deepEqual(own, { name: "cpus", wished: null, kernel: "0.5", differs: false });
});

Deno.test("a kernel that has what is wished, in whole pages and steps, is never a difference", () => {
  const resources = fc.record({
    memoryBytes: fc.integer({ min: 6 * MIB, max: 2 ** 40 }),
    cpus: fc.integer({ min: 10, max: 128_000 }).map((thousandths) => thousandths / 1000),
    pids: fc.oneof(fc.constant(-1), fc.integer({ min: 1, max: 4_000_000 })),
  });
  const ulimit = fc.tuple(fc.nat(1 << 20), fc.nat(1 << 20)).map(([a, b]) => ({
    name: "nofile",
    soft: Math.min(a, b),
    hard: Math.max(a, b),
  }));
  const page = fc.constantFrom(4096, 16_384, 65_536);
  fc.assert(fc.property(resources, ulimit, page, fc.nat(), (wished, nofile, page, raised) => {
    const has: KernelLimits = {
      memoryBytes: Math.floor(wished.memoryBytes / page) * page,
      cpus: Math.round(wished.cpus * 100_000) / 100_000,
      pids: wished.pids < 0 ? null : wished.pids,
      // A program may lower its own soft limit, or raise it to the hard one.
      ulimits: [{ ...nofile, soft: raised % 2 === 0 ? nofile.hard : raised % (nofile.soft + 1) }],
    };
    const compared = compareLimits({ resources: wished, ulimits: [nofile] }, has);
    assert.equal(limitsSentence(compared), null);
    for (const lost of ["memoryBytes", "cpus"] as const) {
      const without = compareLimits({ resources: wished, ulimits: [] }, { ...has, [lost]: null });
      assert.notEqual(limitsSentence(without), null, lost);
    }
    const looser = [{ ...nofile, hard: nofile.hard + 1, soft: nofile.soft }];
    const loose = compareLimits({ resources: wished, ulimits: [nofile] }, {
      ...has,
      ulimits: looser,
    });
    assert.match(limitsSentence(loose) ?? "", /^nofile /);
  }));
});
