import assert from "node:assert/strict";
import fc from "fast-check";
import {
  parseBlkio,
  parseCount,
  parseDiskstats,
  parseField,
  parseHostCpu,
  parseHostMemory,
  parseIoStat,
  parseNetDev,
} from "./parse.ts";

Deno.test("/proc/stat: all that works, without waiting, and how many processors", () => {
  const text = "cpu  100 20 30 4000 500 6 7 8 9 10\ncpu0 50 10 15 2000 250 3 3 4 4 5\n" +
    "cpu1 50 10 15 2000 250 3 4 4 5 5\nintr 1 2\nbtime 1\n";
  assert.deepEqual(parseHostCpu(text), { busySeconds: 1.71, cores: 2 });
  assert.equal(parseHostCpu("cpu  \n"), null);
});

Deno.test("/proc/meminfo: what is in use is what is not available", () => {
  const text = "MemTotal:        1024 kB\nMemFree:  10 kB\nMemAvailable:     1000 kB\n";
  assert.deepEqual(parseHostMemory(text), { usedBytes: 24 * 1024, totalBytes: 1024 * 1024 });
  assert.equal(parseHostMemory("MemTotal: 1 kB\n"), null);
});

Deno.test("/proc/net/dev: received and sent, also where nothing stands before the number", () => {
  const text = "Inter-|   Receive    |  Transmit\n face |bytes packets|bytes\n" +
    "    lo: 10 1 0 0 0 0 0 0 10 1 0 0 0 0 0 0\n  eth0:12345678901 2 0 0 0 0 0 0 99 1 0 0 0 0 0 0\n";
  assert.deepEqual([...parseNetDev(text)], [
    ["lo", { in: 10, out: 10 }],
    ["eth0", { in: 12_345_678_901, out: 99 }],
  ]);
});

Deno.test("/proc/diskstats counts in sectors of 512 bytes", () => {
  const text =
    "   8       0 sda 10 0 4 5 6 7 16 8 0 9 10\n   8       1 sda1 1 0 2 0 0 0 0 0 0 0 0\n";
  assert.deepEqual(parseDiskstats(text).get("sda"), { in: 2048, out: 8192 });
});

Deno.test("control groups: v2 and v1", () => {
  const io = "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n253:0 rbytes=5 wbytes=6\n7:0 \n";
  assert.deepEqual([...parseIoStat(io)], [["8:0", { in: 1, out: 2 }], ["253:0", {
    in: 5,
    out: 6,
  }]]);
  const blkio = "8:0 Read 10\n8:0 Write 20\n8:0 Sync 30\n8:0 Total 30\nTotal 30\n";
  assert.deepEqual([...parseBlkio(blkio)], [["8:0", { in: 10, out: 20 }]]);
  assert.equal(parseField("usage_usec 12\nuser_usec 3\n", "user_usec"), 3);
  assert.equal(parseField("usage_usec 12\n", "usage_usec"), 12);
  assert.equal(parseField("total_inactive_file 9\n", "inactive_file"), null);
  assert.equal(parseCount("18446744073709551615\n"), 18_446_744_073_709_551_615);
  assert.equal(parseCount("max"), null);
});

const line = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.stringMatching(/^[a-z0-9_:= \-.]{0,60}$/),
  fc.constantFrom(
    "cpu  1 2 3",
    "cpu  9999999999999999999999999 1 1 1",
    "eth0: 1 2 3 4 5 6 7 8 9",
    "eth0: -1 2 3 4 5 6 7 8 9",
    "8:0 rbytes=x wbytes=1",
    "8:0 Read -5",
    "MemTotal: 9 kB",
    "MemAvailable: 99 kB",
    "usage_usec",
    "usage_usec -1",
  ),
);

Deno.test("whatever the files hold, figures are numbers from nought on, or none", () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
      const text = lines.join("\n");
      const good = (value: number | null | undefined) =>
        assert.ok(value === null || value === undefined || value >= 0, String(value));
      good(parseHostCpu(text)?.busySeconds);
      const memory = parseHostMemory(text);
      good(memory?.usedBytes);
      good(parseField(text, "usage_usec"));
      good(parseCount(text));
      for (const parse of [parseNetDev, parseDiskstats, parseIoStat, parseBlkio]) {
        for (const flow of parse(text).values()) {
          good(flow.in);
          good(flow.out);
        }
      }
    }),
    { numRuns: 1_000 },
  );
});
