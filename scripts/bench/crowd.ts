// deno-lint-ignore-file no-console
/**
 * A box full of services at rest: memory and processor time by process, how long the agent takes to
 * look at everything and find that nothing is to be done, and how long people wait for commands.
 *
 * deno run -A scripts/bench/crowd.ts [--services=200] [--seconds=60] [--settle=30] [--json=FILE]
 */
import { z } from "zod";
import { type Box, createBox } from "../e2e/box.ts";
import { createLab } from "../e2e/lab/lab.ts";
import type { LabProcess } from "../e2e/lab/process.ts";
import { until } from "../e2e/lab/program.ts";
import { type Machine, machineNow, median, option, table, writeResult } from "./figures.ts";
import { measureParts, type Part, partRows } from "./parts.ts";

/** As the installed command has it (scripts/setup/command.sh). */
const V8_FLAGS = "--optimize-for-size,--max-semi-space-size=1";
const PROJECTS = 4;
/** How often a command is run. */
const ASKED = 5;
const STARTED_WITHIN_MS = 900_000;
const LOOKS_MS = 5_000;

interface CrowdResult {
  readonly name: "crowd";
  readonly before: Machine;
  readonly after: Machine;
  readonly services: number;
  readonly windowSeconds: number;
  /** From the first apply until all of them run and are healthy. */
  readonly startedSeconds: number;
  readonly parts: readonly Part[];
  /** Turns of the agent's loop that found nothing to do, in milliseconds. */
  readonly turns: { readonly count: number; readonly medianMs: number; readonly mostMs: number };
  /** Medians, in milliseconds; the last one is `skerry version`: what the command line alone takes. */
  readonly commands: Readonly<Record<"plan" | "apply" | "get" | "version", number>>;
  /** Of the last minute, when the window began. */
  readonly load: number;
}

function compose(project: number, services: number): string {
  const service = (i: number) =>
    `  s${i}:
    image: localhost/crowd:1
    init: true
    command: ["httpd", "-f", "-p", "8080", "-h", "/www"]
    x-skerry:
      routes: [{ host: s${i}.crowd${project}.test, port: 8080 }]
      health: { http: /index.html, port: 8080, interval: 10s }
`;
  return "services:\n" + Array.from({ length: services }, (_, i) => service(i)).join("");
}

const Turn = z.object({ message: z.literal("turn"), state: z.string(), ms: z.number() });

/** The turns in a piece of the agent's log. */
function turnsIn(text: string): z.infer<typeof Turn>[] {
  return text.split("\n").filter((line) => line.includes('"turn"')).flatMap((line) => {
    try {
      return [Turn.parse(JSON.parse(line))];
    } catch {
      return []; // Its first half is no longer kept.
    }
  });
}

/** What a log that keeps only its last MiB has more than before. */
function newIn(text: string, before: string): string {
  const end = before.slice(-200);
  const at = text.lastIndexOf(end);
  return at < 0 ? text : text.slice(at + end.length);
}

const Rows = z.array(z.object({ stage: z.string(), health: z.string() }));

/** Says how far it is: on a slow machine it takes minutes. */
async function untilReady(box: Box, services: number): Promise<void> {
  await until(`${services} services to be ready`, async () => {
    await new Promise((resolve) => setTimeout(resolve, LOOKS_MS));
    const rows = Rows.parse(JSON.parse(await box.must(["get", "services", "-o", "json"])));
    const ready = rows.filter(({ stage, health }) => stage === "running" && health === "healthy");
    console.log(`${ready.length} of ${services} are ready`);
    return ready.length === services;
  }, STARTED_WITHIN_MS);
}

async function commandMs(box: Box, args: readonly string[], cwd: string): Promise<number> {
  const times: number[] = [];
  for (let n = 0; n < ASKED; n += 1) {
    const began = performance.now();
    await box.must(args, { cwd });
    times.push(performance.now() - began);
  }
  return median(times);
}

async function measureCrowd(
  box: Box,
  up: LabProcess,
  services: number,
  settle: number,
  seconds: number,
): Promise<Omit<CrowdResult, "name" | "before" | "after">> {
  const each = Math.ceil(services / PROJECTS);
  const began = performance.now();
  const folders: string[] = [];
  for (let n = 0; n < PROJECTS; n += 1) {
    const folder = await box.project(`crowd${n}`, compose(n, each));
    await box.must(["apply"], { cwd: folder });
    folders.push(folder);
  }
  await untilReady(box, each * PROJECTS);
  const startedSeconds = (performance.now() - began) / 1000;
  await new Promise((resolve) => setTimeout(resolve, settle * 1000));
  const { load } = machineNow();
  const saidBefore = up.text();
  const whose = { words: [box.layout.home, box.layout.runDir], pids: [up.pid] };
  const parts = await measureParts(whose, seconds);
  const idle = turnsIn(newIn(up.text(), saidBefore)).filter(({ state }) => state === "idle")
    .map(({ ms }) => ms);
  const folder = folders[0] ?? "";
  return {
    services: each * PROJECTS,
    windowSeconds: seconds,
    startedSeconds,
    parts,
    turns: { count: idle.length, medianMs: median(idle), mostMs: Math.max(0, ...idle) },
    commands: {
      plan: await commandMs(box, ["plan"], folder),
      apply: await commandMs(box, ["apply", "--wait"], folder),
      get: await commandMs(box, ["get", "services"], folder),
      version: await commandMs(box, ["version"], folder),
    },
    load,
  };
}

async function benchCrowd(services: number, settle: number, seconds: number): Promise<CrowdResult> {
  const before = machineNow();
  await using lab = await createLab({
    hosts: [{ name: "box", links: [{ lan: "plant", address: "198.18.11.1/24" }] }],
  });
  const box = createBox(lab.host("box"), {
    containerCidr: "10.211.0.0/16",
    env: { DENO_V8_FLAGS: V8_FLAGS, SKERRY_LOG_LEVEL: "debug" },
  });
  try {
    const up = await box.start();
    await box.image("crowd:1");
    const measured = await measureCrowd(box, up, services, settle, seconds);
    return { name: "crowd", before, after: machineNow(), ...measured };
  } catch (thrown) {
    console.error(box.text().slice(-4_000));
    throw thrown;
  } finally {
    await box.close();
  }
}

if (import.meta.main) {
  const result = await benchCrowd(
    Number(option("services") ?? 200),
    Number(option("settle") ?? 30),
    Number(option("seconds") ?? 60),
  );
  const { turns, commands } = result;
  const ms = (value: number) => value.toFixed(0);
  console.log(table(["", "n", "RSS MiB", "PSS MiB", "CPU %"], partRows("at rest", result.parts)));
  console.log(
    `${result.services} services, ready after ${result.startedSeconds.toFixed(0)} s\n` +
      `a turn of the agent without anything to do: ${ms(turns.medianMs)} ms, at most ` +
      `${ms(turns.mostMs)} ms (${turns.count} of them)\n` +
      `plan without change ${ms(commands.plan)} ms, apply without change ${ms(commands.apply)} ` +
      `ms, get services ${ms(commands.get)} ms, version ${ms(commands.version)} ms; ` +
      `load ${result.load.toFixed(1)}`,
  );
  await writeResult(result);
}
