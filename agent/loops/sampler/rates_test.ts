import assert from "node:assert/strict";
import fc from "fast-check";
import { type Look, valuesOf } from "./rates.ts";

const look = (over: Partial<Look>): Look => ({
  identity: "a",
  atMs: 0,
  cpuSeconds: 0,
  memoryBytes: 5,
  network: new Map(),
  disk: new Map(),
  diskUsedBytes: null,
  ...over,
});
const flows = (record: Record<string, [number, number]>) =>
  new Map(Object.entries(record).map(([name, [into, out]]) => [name, { in: into, out }]));

Deno.test("rates are what was counted between two looks, by the time that passed", () => {
  const before = look({ cpuSeconds: 1, network: flows({ eth0: [100, 0] }) });
  const after = look({
    atMs: 10_000,
    cpuSeconds: 6,
    network: flows({ eth0: [600, 50] }),
  });
  const values = valuesOf(before, after);
  assert.equal(values.cpu, 0.5);
  assert.equal(values.network_rx, 50);
  assert.equal(values.network_tx, 5);
  assert.equal(values.disk_read, 0);
  assert.equal(values.memory, 5);
});

Deno.test("the first look, one of another start, and one at once tell no rate", () => {
  const after = look({ atMs: 10_000, cpuSeconds: 3 });
  assert.equal(valuesOf(null, after).cpu, null);
  assert.equal(valuesOf(look({ identity: "b" }), after).cpu, null);
  assert.equal(valuesOf(look({ atMs: 9_990 }), after).cpu, null);
  assert.equal(valuesOf(null, after).memory, 5);
});

Deno.test("a counter that was set back, and a device that comes with a past, give no giant rate", () => {
  const before = look({
    cpuSeconds: 100,
    network: flows({ eth0: [5_000, 5_000] }),
    disk: flows({ a: [10, 10] }),
  });
  const after = look({
    atMs: 1_000,
    cpuSeconds: 1,
    network: flows({ eth0: [10, 10] }),
    disk: flows({ a: [20, 10], b: [9e12, 9e12] }),
  });
  const values = valuesOf(before, after);
  assert.equal(values.cpu, null);
  assert.equal(values.network_rx, null);
  assert.equal(values.disk_read, 10);
  assert.equal(values.disk_write, 0);
});

Deno.test("no rate is negative, or more than was counted", () => {
  const count = fc.option(fc.nat({ max: 1e9 }), { nil: null });
  const all = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.tuple(fc.nat(), fc.nat()));
  const any = fc.record({
    cpuSeconds: count,
    network: all.map(flows),
    disk: all.map(flows),
    atMs: fc.nat(100_000),
  });
  fc.assert(fc.property(any, any, (a, b) => {
    const after = look(b);
    const values = valuesOf(look(a), after);
    for (const value of Object.values(values)) assert.ok(value === null || value >= 0);
    const most = [...after.network?.values() ?? []].reduce((sum, flow) => sum + flow.in, 0);
    assert.ok((values.network_rx ?? 0) <= 2 * most);
  }));
});
