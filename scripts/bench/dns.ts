// deno-lint-ignore-file no-console
/**
 * Our DNS server against dnsmasq: the same names, the same client, alternating, medians; then the
 * slowest answer while the names of 30 services change all the time.
 *
 * deno run -A scripts/bench/dns.ts [--json=FILE] [--seconds=4] [--rounds=5]
 */
import { createDnsLoop, type DnsLoop } from "../../agent/loops/dns/loop.ts";
import { systemClock } from "../../shared/clock.ts";
import { silentLog } from "../../shared/log.ts";
import { dnsperf, type Measured, startDnsmasq } from "./dns/dnsperf.ts";
import { benchConfig, benchNames, freePort } from "./dns/names.ts";
import { measureStall, type Stall } from "./dns/stall.ts";

export interface BenchResult {
  readonly name: "dns";
  readonly rounds: readonly { readonly skerry: Measured; readonly dnsmasq: Measured }[];
  readonly skerryQueriesPerSecond: number;
  readonly dnsmasqQueriesPerSecond: number;
  /** Median of the rounds' ratios; the goal is 1.0. */
  readonly ratio: number;
  readonly stall: Stall;
}

export interface BenchOptions {
  readonly seconds?: number;
  readonly rounds?: number;
}

const SERVICES = 200;
const STALL_SERVICES = 30;

export async function benchDns(options: BenchOptions = {}): Promise<BenchResult> {
  const { seconds = 4, rounds: count = 5 } = options;
  const folder = await Deno.makeTempDir({ prefix: "skerry-bench-dns-" });
  const loop = createDnsLoop({ clock: systemClock, log: silentLog });
  try {
    return await measure(loop, folder, seconds, count);
  } finally {
    await loop.close();
    await Deno.remove(folder, { recursive: true });
  }
}

async function measure(
  loop: DnsLoop,
  folder: string,
  seconds: number,
  count: number,
): Promise<BenchResult> {
  const port = freePort();
  const config = benchConfig(SERVICES, port);
  const names = benchNames(config);
  const data = `${folder}/queries`;
  await Deno.writeTextFile(data, names.map(({ name }) => `${name} A\n`).join(""));
  await loop.configure(config);
  const dnsmasqPort = freePort();
  const stopDnsmasq = await startDnsmasq(dnsmasqPort, names, folder);
  const rounds: { skerry: Measured; dnsmasq: Measured }[] = [];
  try {
    await dnsperf(port, data, 1);
    await dnsperf(dnsmasqPort, data, 1);
    for (let i = 0; i < count; i++) {
      const skerry = await dnsperf(port, data, seconds);
      rounds.push({ skerry, dnsmasq: await dnsperf(dnsmasqPort, data, seconds) });
    }
  } finally {
    await stopDnsmasq();
  }
  return {
    name: "dns",
    rounds,
    skerryQueriesPerSecond: median(rounds.map(({ skerry }) => skerry.queriesPerSecond)),
    dnsmasqQueriesPerSecond: median(rounds.map(({ dnsmasq }) => dnsmasq.queriesPerSecond)),
    ratio: median(
      rounds.map(({ skerry, dnsmasq }) => skerry.queriesPerSecond / dnsmasq.queriesPerSecond),
    ),
    stall: await measureStall(loop, STALL_SERVICES, port, seconds),
  };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

function option(name: string): string | undefined {
  return Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

if (import.meta.main) {
  const result = await benchDns({
    seconds: Number(option("seconds") ?? 4),
    rounds: Number(option("rounds") ?? 5),
  });
  console.log("round   skerry q/s   dnsmasq q/s   ratio   lost");
  result.rounds.forEach(({ skerry, dnsmasq }, i) => {
    const ratio = skerry.queriesPerSecond / dnsmasq.queriesPerSecond;
    console.log([
      String(i + 1).padEnd(5),
      skerry.queriesPerSecond.toFixed(0).padStart(12),
      dnsmasq.queriesPerSecond.toFixed(0).padStart(13),
      ratio.toFixed(2).padStart(7),
      `${skerry.lost}/${dnsmasq.lost}`.padStart(6),
    ].join(" "));
  });
  console.log(`median ratio ${result.ratio.toFixed(3)} (goal 1.0)`);
  const { slowestMs, p99Ms, answers, lost, configs } = result.stall;
  console.log(
    `slowest answer ${slowestMs.toFixed(1)} ms, p99 ${p99Ms.toFixed(2)} ms over ${answers} ` +
      `answers (${lost} lost) while ${configs} configurations were applied`,
  );
  const file = option("json");
  if (file !== undefined) await Deno.writeTextFile(file, JSON.stringify(result, null, 2) + "\n");
}
