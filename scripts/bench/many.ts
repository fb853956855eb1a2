// deno-lint-ignore-file no-console
/**
 * Many at once: `skerry apply --wait` of 30 services beside a loop of 30 times `podman run`, and a
 * boot (nothing runs; `skerry up` is started) until 10 services run beside `podman start` of 10.
 *
 * deno run -A scripts/bench/many.ts [--quick] [--json=FILE] [--rounds=3] [--boots]
 *
 * `--boots`: only those; what Skerry logged of the last one is printed.
 */
import { z } from "zod";
import { type Box, createBox } from "../e2e/box.ts";
import { importBusybox } from "../e2e/lab/image.ts";
import { createLab } from "../e2e/lab/lab.ts";
import { createLabPodman, type LabPodman } from "../e2e/lab/podman.ts";
import type { LabProcess } from "../e2e/lab/process.ts";
import { until } from "../e2e/lab/program.ts";
import { flag, type Machine, machineNow, median, option, table, writeResult } from "./figures.ts";

const IMAGE = "localhost/bench:1";
const COMMAND = ["sleep", "100000"];
const SERVICES = 30;
const BOOTED = 10;

interface Round {
  readonly applyMs: number;
  readonly loopMs: number;
  readonly bootMs: number;
  readonly startMs: number;
  /** Of the last minute, when the round began. */
  readonly load: number;
}

/** A box and its `skerry up` of now. */
interface RunningBox extends Box {
  up: LabProcess;
}

interface ManyResult {
  readonly name: "many";
  readonly before: Machine;
  readonly after: Machine;
  readonly rounds: readonly Round[];
  /** Medians of the rounds' ratios; the goals are 1.0 and 1.5. */
  readonly applyRatio: number | null;
  readonly bootRatio: number;
}

function compose(count: number): string {
  const services = Array.from(
    { length: count },
    (_, i) =>
      `  s${i}:\n    image: ${IMAGE}\n    init: true\n    stop_grace_period: 1s\n` +
      `    command: ${JSON.stringify(COMMAND)}\n`,
  );
  return `services:\n${services.join("")}`;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

const Listed = z.array(z.object({ State: z.string() }));

const Recorded = z.object({ pid: z.number() });

/** As after a boot: Skerry finds no engine that it could adopt. */
async function endEngines({ layout }: Box): Promise<void> {
  for (const file of [`${layout.podmanDir}/service.json`, `${layout.traefikDir}/engine.json`]) {
    const text = await Deno.readTextFile(file).catch(() => null);
    if (text !== null) Deno.kill(Recorded.parse(JSON.parse(text)).pid, "SIGKILL");
  }
}

/**
 * Waits until Podman says of so many containers that they run. Its service is asked directly: with
 * its command line asked over and over, the question would take a good part of the machine.
 */
async function untilRunning(socketPath: string, count: number): Promise<void> {
  using client = Deno.createHttpClient({ proxy: { transport: "unix", path: socketPath } });
  await until(`${count} containers to run`, async () => {
    await new Promise((resolve) => setTimeout(resolve, 25));
    try {
      const answer = await fetch("http://libpod/v4.0.0/libpod/containers/json", { client });
      const listed = Listed.parse(await answer.json());
      return listed.filter(({ State }) => State === "running").length === count;
    } catch {
      return false;
    }
  }, 120_000);
}

async function bareLoop(bare: LabPodman, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await bare.must(["run", "-d", "--init", "--name", `s${i}`, IMAGE, ...COMMAND]);
  }
}

async function round(box: RunningBox, bare: LabPodman, onlyBoots: boolean): Promise<Round> {
  const { load } = machineNow();
  const applied = onlyBoots ? { applyMs: 0, loopMs: 0 } : await manyAtOnce(box, bare);

  const few = await box.project("few", compose(BOOTED));
  await box.must(["apply", "--wait"], { cwd: few });
  return { ...applied, ...await boots(box, bare), load };
}

async function manyAtOnce(box: Box, bare: LabPodman): Promise<Pick<Round, "applyMs" | "loopMs">> {
  const many = await box.project("many", compose(SERVICES));
  const applyMs = await timed(() => box.must(["apply", "--wait"], { cwd: many }));
  await box.must(["delete", "-p", "many", "--wait"]);
  const loopMs = await timed(() => bareLoop(bare, SERVICES));
  await bare.must(["rm", "--all", "--force", "--time", "0"]);
  return { applyMs, loopMs };
}

async function boots(box: RunningBox, bare: LabPodman): Promise<Pick<Round, "bootMs" | "startMs">> {
  await box.podman.must(["kill", "--all"]);
  await box.up.stop();
  await endEngines(box);
  const began = performance.now();
  box.up = box.launch("up");
  await untilRunning(box.layout.podmanSocket, BOOTED);
  const bootMs = performance.now() - began;
  if (flag("boots")) console.log(`ran by ${new Date().toISOString()}\n${box.up.text()}`);
  await until("skerry to answer", async () => (await box.run(["get", "nodes"])).code === 0);
  await box.must(["delete", "-p", "few", "--wait"]);

  await bareLoop(bare, BOOTED);
  await bare.must(["kill", "--all"]);
  const startMs = await timed(() =>
    bare.must(["start", ...Array.from({ length: BOOTED }, (_, i) => `s${i}`)])
  );
  await bare.must(["rm", "--all", "--force", "--time", "0"]);
  return { bootMs, startMs };
}

async function benchMany(count: number): Promise<ManyResult> {
  const before = machineNow();
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: "198.18.6.1/24" }] },
      { name: "bare", links: [{ lan: "plant", address: "198.18.6.2/24" }] },
    ],
  });
  const bare = await createLabPodman(lab.host("bare"));
  await importBusybox(bare, IMAGE);
  const box = createBox(lab.host("box"), { containerCidr: "10.206.9.0/24" });
  try {
    const running: RunningBox = { ...box, up: await box.start() };
    await box.image("bench:1");
    const rounds: Round[] = [];
    for (let n = 0; n < count; n++) rounds.push(await round(running, bare, flag("boots")));
    return {
      name: "many",
      before,
      after: machineNow(),
      rounds,
      applyRatio: flag("boots") ? null : median(rounds.map((each) => each.applyMs / each.loopMs)),
      bootRatio: median(rounds.map((each) => each.bootMs / each.startMs)),
    };
  } catch (thrown) {
    console.error(box.text().slice(-4_000));
    throw thrown;
  } finally {
    await bare.run(["rm", "--all", "--force", "--time", "0"]);
    await box.close();
  }
}

if (import.meta.main) {
  const result = await benchMany(Number(option("rounds") ?? (flag("quick") ? 1 : 3)));
  const ms = (value: number) => value.toFixed(0);
  const { applyRatio } = result;
  const applied = applyRatio !== null;
  console.log(table(
    [
      "round",
      ...(applied ? ["apply 30 ms", "podman run x 30 ms"] : []),
      ...["boot 10 ms", "podman start 10 ms", "load"],
    ],
    result.rounds.map((each, i) => [
      String(i + 1),
      ...(applied ? [ms(each.applyMs), ms(each.loopMs)] : []),
      ms(each.bootMs),
      ms(each.startMs),
      each.load.toFixed(1),
    ]),
  ));
  console.log(
    (applied ? `apply of ${SERVICES}: ${applyRatio.toFixed(2)} of the loop (goal 1.0); ` : "") +
      `boot of ${BOOTED}: ${result.bootRatio.toFixed(2)} of podman start (goal 1.5)`,
  );
  await writeResult(result);
}
