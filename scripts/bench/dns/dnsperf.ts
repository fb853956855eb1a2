/** Running dnsperf and dnsmasq (Debian packages dnsperf and dnsmasq-base). */
import { SkerryError } from "../../../shared/errors.ts";

export interface Measured {
  readonly queriesPerSecond: number;
  readonly lost: number;
  readonly latencyAverageMs: number;
  /** Processor time of the server for one query, the kernel's part included: steady on a busy box. */
  readonly cpuMicrosPerQuery: number;
}

/** Kernel ticks of USER_HZ, in microseconds. */
const TICK_MICROS = 10_000;

/** Asks a server on 127.0.0.1 the names of a data file for some seconds. @param pid its process */
export async function dnsperf(
  port: number,
  pid: number,
  dataFile: string,
  seconds: number,
): Promise<Measured> {
  const before = await cpuMicros(pid);
  const text = await run("dnsperf", [
    ...["-s", "127.0.0.1", "-p", String(port), "-d", dataFile],
    ...["-l", String(seconds), "-c", "8", "-T", "1", "-q", "100"],
  ]);
  const used = await cpuMicros(pid) - before;
  return {
    cpuMicrosPerQuery: used / number(text, /Queries completed:\s+(\d+)/),
    queriesPerSecond: number(text, /Queries per second:\s+([\d.]+)/),
    lost: number(text, /Queries lost:\s+(\d+)/),
    latencyAverageMs: 1000 * number(text, /Average Latency \(s\):\s+([\d.]+)/),
  };
}

/** User and system time of a process so far (proc_pid_stat(5), fields 14 and 15). */
async function cpuMicros(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS;
}

/** dnsmasq with the same names. */
export async function startDnsmasq(
  port: number,
  names: readonly { readonly name: string; readonly address: string }[],
  folder: string,
): Promise<{ readonly pid: number; stop(): Promise<void> }> {
  const file = `${folder}/dnsmasq.conf`;
  const lines = [
    ...["no-resolv", "no-hosts", "bind-interfaces", "listen-address=127.0.0.1", `port=${port}`],
    ...["local=/internal/", "local-ttl=5", "user=", "cache-size=10000"],
    ...names.map(({ name, address }) => `host-record=${name},${address}`),
  ];
  await Deno.writeTextFile(file, lines.join("\n") + "\n");
  const child = command("dnsmasq", ["--keep-in-foreground", `--conf-file=${file}`]).spawn();
  return {
    pid: child.pid,
    async stop() {
      child.kill("SIGTERM");
      await child.stdout.cancel();
      await child.status;
    },
  };
}

function command(program: string, args: string[]): Deno.Command {
  return new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "null" });
}

async function run(program: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await command(program, args).output();
    return new TextDecoder().decode(stdout);
  } catch (cause) {
    throw new SkerryError(
      "bench_tool_missing",
      `running "${program}"`,
      "Install it: apt-get install dnsperf dnsmasq-base",
      { cause },
    );
  }
}

function number(text: string, pattern: RegExp): number {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new SkerryError("bench_output", `reading dnsperf: "${text}"`);
  return Number(found);
}
