/** Running dnsperf and dnsmasq (Debian packages dnsperf and dnsmasq-base). */
import { SkerryError } from "../../../shared/errors.ts";

export interface Measured {
  readonly queriesPerSecond: number;
  readonly lost: number;
  readonly latencyAverageMs: number;
}

/** Asks the server on 127.0.0.1 the names of a data file for some seconds. */
export async function dnsperf(
  port: number,
  dataFile: string,
  seconds: number,
): Promise<Measured> {
  const text = await run("dnsperf", [
    ...["-s", "127.0.0.1", "-p", String(port), "-d", dataFile],
    ...["-l", String(seconds), "-c", "8", "-T", "1", "-q", "100"],
  ]);
  return {
    queriesPerSecond: number(text, /Queries per second:\s+([\d.]+)/),
    lost: number(text, /Queries lost:\s+(\d+)/),
    latencyAverageMs: 1000 * number(text, /Average Latency \(s\):\s+([\d.]+)/),
  };
}

/** dnsmasq with the same names; stops when the function that is returned is called. */
export async function startDnsmasq(
  port: number,
  names: readonly { readonly name: string; readonly address: string }[],
  folder: string,
): Promise<() => Promise<void>> {
  const file = `${folder}/dnsmasq.conf`;
  const lines = [
    ...["no-resolv", "no-hosts", "bind-interfaces", "listen-address=127.0.0.1", `port=${port}`],
    ...["local=/internal/", "local-ttl=5", "user=", "cache-size=10000"],
    ...names.map(({ name, address }) => `host-record=${name},${address}`),
  ];
  await Deno.writeTextFile(file, lines.join("\n") + "\n");
  const child = command("dnsmasq", ["--keep-in-foreground", `--conf-file=${file}`]).spawn();
  return async () => {
    child.kill("SIGTERM");
    await child.status;
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
