/** What every benchmark says and writes: medians, the machine's load, a table and a JSON file. */

/** The middle of the values; 0 for none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}

/** The machine at a moment: figures mean little without it. */
export interface Machine {
  readonly at: string;
  readonly cores: number;
  /** Of the last minute. */
  readonly load: number;
  readonly deno: string;
}

export function machineNow(): Machine {
  return {
    at: new Date().toISOString(),
    cores: navigator.hardwareConcurrency,
    load: Deno.loadavg()[0] ?? 0,
    deno: Deno.version.deno,
  };
}

/** Rows under a head, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))
      .join("  ").trimEnd();
  return [line(head), ...rows.map(line)].join("\n");
}

/** The value of `--NAME=VALUE` on the command line. */
export function option(name: string): string | undefined {
  return Deno.args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3);
}

/** Whether `--NAME` is on the command line. */
export function flag(name: string): boolean {
  return Deno.args.includes(`--${name}`);
}

/** Writes the result where `--json=FILE` says; nowhere without it. */
export async function writeResult(result: unknown): Promise<void> {
  const file = option("json");
  if (file !== undefined) await Deno.writeTextFile(file, JSON.stringify(result, null, 2) + "\n");
}
