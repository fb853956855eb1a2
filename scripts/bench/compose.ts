// deno-lint-ignore-file no-console
/**
 * Reading compose files of 1,000 services: a process that reads one, from its start to its end,
 * beside the same of compose-go, the library under `docker compose`. Two files: one of plain
 * blocks, and one with a mapping in braces, which goes the whole way through the YAML parser.
 * `SKERRY_COMPOSE_ORACLE` names a program that reads the files given and prints the model
 * (scripts/oracle/compose); without it that column is missing.
 *
 * And the plan of each: what a control plane that knows nothing of it yet says would change.
 *
 * deno run -A scripts/bench/compose.ts [--quick] [--json=FILE] [--rounds=9] [--services=1000]
 */
import { flag, type Machine, machineNow, median, option, table, writeResult } from "./figures.ts";
import { endedChildrenCpuMs } from "./processes.ts";

const READER = new URL("./compose/read.ts", import.meta.url).pathname;
const PLANNER = new URL("./compose/plan.ts", import.meta.url).pathname;
const ORACLE = "SKERRY_COMPOSE_ORACLE";

/** Medians in milliseconds of processor time, all threads; the process's own start is in it. */
interface FileResult {
  readonly file: string;
  readonly sizeBytes: number;
  /** Of the reading alone, as the process itself counts it. */
  readonly readMs: number;
  readonly processMs: number;
  /** Of the control plane's answer to what would change, as the process itself counts it. */
  readonly planMs: number;
  /** Of its sixth answer: the first ones run code that has not run before. */
  readonly laterPlanMs: number;
  /** null: no program was named. */
  readonly oracleMs: number | null;
}

interface ComposeResult {
  readonly name: "compose";
  readonly before: Machine;
  readonly after: Machine;
  readonly services: number;
  readonly rounds: number;
  readonly files: readonly FileResult[];
}

function service(index: number, more: readonly string[]): string {
  return [
    `  service${index}:`,
    `    image: registry.example/team/service${index}:1.${index}`,
    `    command: ["serve", "--port", "8080"]`,
    `    environment:`,
    `      NAME: service${index}`,
    `      LEVEL: \${LEVEL:-info}`,
    `      INDEX: "${index}"`,
    `    ports:`,
    `      - "${10_000 + index}:8080"`,
    `    volumes:`,
    `      - data:/data`,
    `      - ./files:/files:ro`,
    `    healthcheck:`,
    `      test: ["CMD", "check"]`,
    `      interval: 30s`,
    `    restart: unless-stopped`,
    `    networks: [front]`,
    ...more,
    "",
  ].join("\n");
}

function compose(services: number, more: readonly string[]): string {
  const all = Array.from({ length: services }, (_, index) => service(index, more));
  return `services:\n${all.join("")}networks:\n  front: {}\nvolumes:\n  data: {}\n`;
}

/** What a command takes of the processor: user and system time of it and its children. */
async function run(argv: readonly [string, ...string[]]): Promise<{ cpuMs: number; out: string }> {
  const [command, ...args] = argv;
  const before = endedChildrenCpuMs();
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    stdout: "piped",
    stderr: "piped",
  }).output();
  const cpuMs = endedChildrenCpuMs() - before;
  if (!success) throw new Error(`${command}: ${new TextDecoder().decode(stderr)}`);
  return { cpuMs, out: new TextDecoder().decode(stdout) };
}

async function benchFile(file: string, rounds: number, oracle: string | null): Promise<FileResult> {
  const readMs: number[] = [];
  const processMs: number[] = [];
  const planMs: number[] = [];
  const laterPlanMs: number[] = [];
  const oracleMs: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const ours = await run([Deno.execPath(), "run", "-A", "--quiet", READER, file]);
    const plan = await run([Deno.execPath(), "run", "-A", "--quiet", PLANNER, file]);
    const theirs = oracle === null ? null : await run([oracle, file]);
    // The first round fills the caches.
    if (round === 0) continue;
    readMs.push(Number(/^read ([\d.]+) ms/.exec(ours.out)?.[1]));
    processMs.push(ours.cpuMs);
    const [, first, later] = /^plan ([\d.]+) ms, its sixth ([\d.]+) ms/.exec(plan.out) ?? [];
    planMs.push(Number(first));
    laterPlanMs.push(Number(later));
    if (theirs !== null) oracleMs.push(theirs.cpuMs);
  }
  return {
    file: file.slice(file.lastIndexOf("/") + 1),
    sizeBytes: (await Deno.stat(file)).size,
    readMs: median(readMs),
    processMs: median(processMs),
    planMs: median(planMs),
    laterPlanMs: median(laterPlanMs),
    oracleMs: oracle === null ? null : median(oracleMs),
  };
}

async function benchCompose(
  services: number,
  rounds: number,
  oracle: string | null,
): Promise<ComposeResult> {
  const before = machineNow();
  const folder = await Deno.makeTempDir();
  try {
    const files: FileResult[] = [];
    for (const [name, more] of [["blocks", []], ["braces", ["    labels: {a: b}"]]] as const) {
      const file = `${folder}/${name}.yaml`;
      await Deno.writeTextFile(file, compose(services, more));
      files.push(await benchFile(file, rounds, oracle));
    }
    return { name: "compose", before, after: machineNow(), services, rounds, files };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  const oracle = Deno.env.get(ORACLE) ?? null;
  const rounds = Number(option("rounds") ?? (flag("quick") ? 3 : 9));
  const services = Number(option("services") ?? 1000);
  const result = await benchCompose(services, rounds, oracle);
  const ms = (value: number) => value.toFixed(0);
  console.log(table(
    ["file", "KiB", "reading ms", "whole process ms", "compose-go ms", "plan ms", "sixth plan ms"],
    result.files.map((each) => [
      each.file,
      ms(each.sizeBytes / 1024),
      ms(each.readMs),
      ms(each.processMs),
      each.oracleMs === null ? "not measured" : ms(each.oracleMs),
      ms(each.planMs),
      ms(each.laterPlanMs),
    ]),
  ));
  console.log(`${services} services, processor time of all threads, medians of ${rounds}`);
  if (oracle === null) {
    console.error(`compose-go WAS NOT MEASURED: set ${ORACLE} to a program that reads with it`);
  }
  await writeResult(result);
}
