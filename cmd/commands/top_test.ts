import assert from "node:assert/strict";
import { type LatestView, NO_VALUES } from "../../shared/model/metrics.ts";
import { createFakeHost, idleDaemons } from "../fake_host.ts";
import { nodeLine, topRows } from "../output/top.ts";
import { EXIT, runProgram } from "../program.ts";

const MIB = 1024 ** 2;
const bounds = { cpu: null, memory: 64 * MIB, disk_used: null };
const use = (service: string, cpu: number | null, memory: number) => ({
  project: "shop",
  service,
  slot: 1,
  values: { ...NO_VALUES, cpu, memory, network_rx: 2048, network_tx: 0 },
  bounds,
});
const latest: LatestView = {
  at: 1,
  node: "box",
  values: { ...NO_VALUES, cpu: 0.5, memory: 512 * MIB, disk_used: 10 * MIB },
  bounds: { cpu: 2, memory: 1024 * MIB, disk_used: 100 * MIB },
  containers: [use("a", 0.01, 60 * MIB), use("b", 1.5, 4 * MIB), use("c", null, 8 * MIB)],
};

const hostOf = () => createFakeHost({ transport: () => Promise.resolve(Response.json(latest)) });

Deno.test("top: the node in a line, then who uses most first", async () => {
  const host = hostOf();
  assert.equal(await runProgram(["top", "--once"], host, idleDaemons), EXIT.done);
  const [node, titles, first, second, third] = host.printed().split("\n");
  assert.match(
    node ?? "",
    /^box {2}CPU 50\.0% of 2 cores {2}memory 512\.0 MiB of 1\.0 GiB {2}full/,
  );
  assert.match(titles ?? "", /^PROJECT {2}SERVICE {2}CPU +MEMORY +NETWORK IN \/ OUT/);
  assert.match(first ?? "", /^shop +b\/1 +150\.0% +4\.0 MiB \/ 64\.0 MiB +2\.0 KiB\/s \/ 0 B\/s/);
  assert.match(second ?? "", /a\/1/);
  assert.match(third ?? "", /c\/1 +- /);
});

Deno.test("top: by memory, as JSON", async () => {
  const host = hostOf();
  const args = ["top", "--once", "--sort", "memory", "-o", "json"];
  assert.equal(await runProgram(args, host, idleDaemons), EXIT.done);
  const told: LatestView = JSON.parse(host.printed());
  assert.deepEqual(told.containers.map(({ service }) => service), ["a", "c", "b"]);
  assert.equal(told.node, "box");
});

Deno.test("top: what is no interval is refused", async () => {
  const host = hostOf();
  assert.equal(await runProgram(["top", "--interval", "0"], host, idleDaemons), EXIT.usage);
  assert.match(host.said(), /--interval/);
});

Deno.test("rows of equal use stand by their names, and nothing known is nothing said", () => {
  const rows = [use("b", 1, 1), use("a", 1, 1)];
  assert.deepEqual(topRows(rows, "cpu").map(({ service }) => service), ["a", "b"]);
  assert.deepEqual(topRows(rows, "name").map(({ service }) => service), ["a", "b"]);
  const bounds = { cpu: 2, memory: null, disk_used: null };
  assert.equal(nodeLine({ at: 0, node: "n", values: NO_VALUES, bounds, containers: [] }), "n");
});
