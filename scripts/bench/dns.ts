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
  readonly rounds: readonly Round[];
  readonly skerryQueriesPerSecond: number;
  readonly dnsmasqQueriesPerSecond: number;
  readonly echoQueriesPerSecond: number;
  /** Median of the rounds' ratios of queries a second; the goal is 1.0. */
  readonly ratio: number;
  /** The same against a Deno Worker that sends every datagram back: what Deno itself allows. */
  readonly ratioToEcho: number;
  /** Medians of the processor time for one query. */
  readonly cpuMicrosPerQuery: {
    readonly skerry: number;
    readonly dnsmasq: number;
    readonly echo: number;
  };
  /** While configurations are applied without a pause; the goal for the slowest is 50 ms. */
  readonly stall: Stall;
  /** The same while none is applied: what the machine itself costs at that time. */
  readonly calm: Stall;
}

/** One measurement of each server, one right after the other. */
export interface Round {
  readonly skerry: Measured;
  readonly dnsmasq: Measured;
  readonly echo: Measured;
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
  const dnsmasq = await startDnsmasq(dnsmasqPort, names, folder);
  const rounds: Round[] = [];
  try {
    const echoPort = freePort();
    await dnsperf(port, Deno.pid, data, 1);
    await dnsperf(dnsmasqPort, dnsmasq.pid, data, 1);
    for (let i = 0; i < count; i++) {
      rounds.push({
        skerry: await dnsperf(port, Deno.pid, data, seconds),
        dnsmasq: await dnsperf(dnsmasqPort, dnsmasq.pid, data, seconds),
        echo: await withEcho(echoPort, () => dnsperf(echoPort, Deno.pid, data, seconds)),
      });
    }
  } finally {
    await dnsmasq.stop();
  }
  const rate = (one: Measured) => one.queriesPerSecond;
  const cpu = (one: Measured) => one.cpuMicrosPerQuery;
  return {
    name: "dns",
    rounds,
    skerryQueriesPerSecond: median(rounds.map(({ skerry }) => rate(skerry))),
    dnsmasqQueriesPerSecond: median(rounds.map((round) => rate(round.dnsmasq))),
    echoQueriesPerSecond: median(rounds.map(({ echo }) => rate(echo))),
    ratio: median(rounds.map((round) => rate(round.skerry) / rate(round.dnsmasq))),
    ratioToEcho: median(rounds.map((round) => rate(round.skerry) / rate(round.echo))),
    cpuMicrosPerQuery: {
      skerry: median(rounds.map(({ skerry }) => cpu(skerry))),
      dnsmasq: median(rounds.map((round) => cpu(round.dnsmasq))),
      echo: median(rounds.map(({ echo }) => cpu(echo))),
    },
    stall: await measureStall(loop, STALL_SERVICES, port, seconds, true),
    calm: await measureStall(loop, STALL_SERVICES, port, seconds, false),
  };
}

async function withEcho(port: number, run: () => Promise<Measured>): Promise<Measured> {
  const worker = new Worker(new URL("./dns/echo.ts", import.meta.url), { type: "module" });
  try {
    const listening = new Promise((resolve) => worker.onmessage = resolve);
    worker.postMessage(port);
    await listening;
    return await run();
  } finally {
    worker.terminate();
  }
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
  console.log("round   skerry q/s   dnsmasq q/s   raw echo q/s   ratio   lost");
  result.rounds.forEach(({ skerry, dnsmasq, echo }, i) => {
    const ratio = skerry.queriesPerSecond / dnsmasq.queriesPerSecond;
    console.log([
      String(i + 1).padEnd(5),
      skerry.queriesPerSecond.toFixed(0).padStart(12),
      dnsmasq.queriesPerSecond.toFixed(0).padStart(13),
      echo.queriesPerSecond.toFixed(0).padStart(14),
      ratio.toFixed(2).padStart(7),
      `${skerry.lost}/${dnsmasq.lost}`.padStart(6),
    ].join(" "));
  });
  const { cpuMicrosPerQuery: cpu } = result;
  console.log(
    `median ratio ${result.ratio.toFixed(3)} (goal 1.0), to a raw Deno echo ` +
      `${result.ratioToEcho.toFixed(3)}`,
  );
  console.log(
    `processor time a query: skerry ${cpu.skerry.toFixed(1)} µs, ` +
      `dnsmasq ${cpu.dnsmasq.toFixed(1)} µs, raw echo ${cpu.echo.toFixed(1)} µs`,
  );
  for (const { slowestMs, p99Ms, answers, lost, configs } of [result.stall, result.calm]) {
    console.log(
      `slowest answer ${slowestMs.toFixed(1)} ms, p99 ${p99Ms.toFixed(2)} ms over ${answers} ` +
        `answers (${lost} lost) while ${configs} configurations were applied`,
    );
  }
  const file = option("json");
  if (file !== undefined) await Deno.writeTextFile(file, JSON.stringify(result, null, 2) + "\n");
}
