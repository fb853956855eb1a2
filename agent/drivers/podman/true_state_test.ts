import assert from "node:assert/strict";
import fc from "fast-check";
import { parseCgroupFile } from "./cgroup.ts";
import { cpusOf, limitNumber } from "./limits.ts";
import { parseProcStat, processFact } from "./proc.ts";
import { CONMON_GRACE_MS, trueState } from "./true_state.ts";

Deno.test("running needs a process and a conmon that live", () => {
  const facts = { listed: "running", process: "alive", conmon: "alive", missingMs: 0 } as const;
  assert.equal(trueState(facts), "running");
  assert.equal(trueState({ ...facts, process: "zombie" }), "stopping");
  assert.equal(trueState({ ...facts, process: "gone", missingMs: CONMON_GRACE_MS }), "dead");
  assert.equal(trueState({ ...facts, conmon: "gone" }), "dead");
  assert.equal(trueState({ ...facts, conmon: "zombie" }), "dead");
  assert.equal(trueState({ ...facts, listed: "paused" }), "paused");
  assert.equal(
    trueState({ ...facts, listed: "Stopping", process: "gone", conmon: "gone" }),
    "dead",
  );
});

Deno.test("never running without both, and facts do not change what is at rest", () => {
  const life = fc.constantFrom("alive" as const, "zombie" as const, "gone" as const);
  const listed = fc.constantFrom("created", "configured", "exited", "stopped", "running", "odd");
  fc.assert(
    fc.property(listed, life, life, fc.nat(10_000), (listed, process, conmon, missingMs) => {
      const state = trueState({ listed, process, conmon, missingMs });
      if (state === "running") assert.deepEqual([process, conmon], ["alive", "alive"]);
      const rest = {
        created: "created",
        configured: "created",
        exited: "exited",
        stopped: "exited",
      };
      const expected = Object.entries(rest).find(([name]) => name === listed)?.[1];
      if (expected !== undefined) assert.equal(state, expected);
      if (listed === "odd") assert.equal(state, "unknown");
    }),
  );
});

Deno.test("a process is itself by its start time, whatever its name holds", async () => {
  const stat = `42 (a) b (c) Z 1 42 42 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 120154 2322432 396`;
  assert.deepEqual(parseProcStat(stat), { state: "Z", startTicks: "120154" });
  assert.equal(parseProcStat("nonsense"), null);
  const read = (text: string | null) => () => Promise.resolve(text);
  assert.deepEqual(await processFact(read(stat), 42), { kind: "zombie" });
  const alive = stat.replace(") Z", ") S");
  assert.deepEqual(await processFact(read(alive), 42, "120154"), {
    kind: "alive",
    startTicks: "120154",
  });
  assert.deepEqual(await processFact(read(alive), 42, "99"), { kind: "gone" });
  assert.deepEqual(await processFact(read(null), 42), { kind: "gone" });
  assert.deepEqual(await processFact(read(alive), 0), { kind: "gone" });
});

Deno.test("limits of cgroup v1 and v2", () => {
  const paths = parseCgroupFile("8:pids:/p\n2:cpu,cpuacct:/c\n0::/u\nnonsense\n");
  assert.deepEqual([...paths], [["pids", "/p"], ["cpu", "/c"], ["cpuacct", "/c"], ["", "/u"]]);
  assert.equal(limitNumber("max\n"), null);
  assert.equal(limitNumber("9223372036854771712\n"), null);
  assert.equal(limitNumber("67108864\n"), 67_108_864);
  assert.equal(limitNumber("-1"), null);
  assert.equal(cpusOf("50000", "100000"), 0.5);
  assert.equal(cpusOf("max", "100000"), null);
});
