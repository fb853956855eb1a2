// deno-lint-ignore-file no-console
/**
 * From the command to the first request served: `skerry apply --wait` beside `podman run` of the
 * same image with the same published port, alternating, medians.
 *
 * deno run -A scripts/bench/apply.ts [--quick] [--json=FILE] [--rounds=7]
 */
import { type Box, createBox } from "../e2e/box.ts";
import type { LabHost } from "../e2e/lab/host.ts";
import { importBusybox } from "../e2e/lab/image.ts";
import { createLab } from "../e2e/lab/lab.ts";
import { createLabPodman, type LabPodman } from "../e2e/lab/podman.ts";
import { flag, type Machine, machineNow, median, option, table, writeResult } from "./figures.ts";

const FIRST_ANSWER = new URL("./apply/first_answer.ts", import.meta.url).pathname;
const IMAGE = "localhost/bench:1";
const COMMAND = ["httpd", "-f", "-p", "8080", "-h", "/www"];
const BOX = "198.18.6.1";
const BARE = "198.18.6.2";
const PORT = 18_080;

/** All in milliseconds from the command's start. */
interface Run {
  readonly firstAnswerMs: number;
  /** Until the command had ended. */
  readonly commandMs: number;
}

interface Round {
  readonly skerry: Run;
  readonly podman: Run;
  /** Of the last minute, when the round began. */
  readonly load: number;
}

interface ApplyResult {
  readonly name: "apply";
  readonly before: Machine;
  readonly after: Machine;
  readonly rounds: readonly Round[];
  readonly skerryMs: number;
  readonly podmanMs: number;
  /** Median of the rounds' ratios to the first answer; the goal is at most 1.3. */
  readonly ratio: number;
}

const COMPOSE = `services:
  web:
    image: ${IMAGE}
    init: true
    command: ${JSON.stringify(COMMAND)}
    ports: ["${PORT}:8080"]
`;

/** Runs the command while the asker asks from another host. */
async function measure(asker: LabHost, url: string, command: () => Promise<unknown>): Promise<Run> {
  const asking = asker.spawn(["deno", "run", "-A", "--quiet", FIRST_ANSWER, url]);
  await asking.waitFor(/^ready$/m);
  const began = performance.timeOrigin + performance.now();
  await command();
  const ended = performance.timeOrigin + performance.now();
  await asking.waitFor(/^at [\d.]+$/m, 30_000);
  const at = Number(/^at ([\d.]+)$/m.exec(asking.text())?.[1]);
  await asking.stop();
  return { firstAnswerMs: at - began, commandMs: ended - began };
}

async function round(box: Box, bare: LabPodman, asker: LabHost, n: number): Promise<Round> {
  const load = machineNow().load;
  const folder = await box.project(`bench${n}`, COMPOSE);
  const skerry = () =>
    measure(
      asker,
      `http://${BOX}:${PORT}/`,
      () => box.must(["apply", "--wait"], { cwd: folder }),
    );
  const podman = () =>
    measure(asker, `http://${BARE}:${PORT}/`, () =>
      bare.must([
        ...["run", "-d", "--init", "--name", "bench", "-p", `${PORT}:8080`],
        ...[IMAGE, ...COMMAND],
      ]));
  // Which one is first changes from round to round.
  const first = n % 2 === 0 ? null : await podman();
  const ours = await skerry();
  const theirs = first ?? await podman();
  await box.must(["delete", "--project", `bench${n}`, "--wait"]);
  await bare.must(["rm", "--force", "--time", "0", "bench"]);
  return { skerry: ours, podman: theirs, load };
}

async function benchApply(count: number): Promise<ApplyResult> {
  const before = machineNow();
  await using lab = await createLab({
    hosts: [
      { name: "box", links: [{ lan: "plant", address: `${BOX}/24` }] },
      { name: "bare", links: [{ lan: "plant", address: `${BARE}/24` }] },
      { name: "laptop", links: [{ lan: "plant", address: "198.18.6.3/24" }] },
    ],
  });
  const bareHost = lab.host("bare");
  const bare = await createLabPodman(bareHost);
  await importBusybox(bare, IMAGE);
  const box = createBox(lab.host("box"), { containerCidr: "10.206.9.0/24" });
  try {
    await box.start();
    await box.image("bench:1");
    const laptop = lab.host("laptop");
    // Not counted: networks, the ingress and whatever else a first time costs.
    await round(box, bare, laptop, 0);
    const rounds: Round[] = [];
    for (let n = 1; n <= count; n++) rounds.push(await round(box, bare, laptop, n));
    return {
      name: "apply",
      before,
      after: machineNow(),
      rounds,
      skerryMs: median(rounds.map(({ skerry }) => skerry.firstAnswerMs)),
      podmanMs: median(rounds.map(({ podman }) => podman.firstAnswerMs)),
      ratio: median(
        rounds.map(({ skerry, podman }) => skerry.firstAnswerMs / podman.firstAnswerMs),
      ),
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
  const rounds = Number(option("rounds") ?? (flag("quick") ? 3 : 7));
  const result = await benchApply(rounds);
  const ms = (value: number) => value.toFixed(0);
  console.log(table(
    ["round", "skerry ms", "apply --wait ms", "podman ms", "podman run ms", "ratio", "load"],
    result.rounds.map(({ skerry, podman, load }, i) => [
      String(i + 1),
      ms(skerry.firstAnswerMs),
      ms(skerry.commandMs),
      ms(podman.firstAnswerMs),
      ms(podman.commandMs),
      (skerry.firstAnswerMs / podman.firstAnswerMs).toFixed(2),
      load.toFixed(1),
    ]),
  ));
  console.log(
    `to the first answer: skerry ${ms(result.skerryMs)} ms, bare Podman ${
      ms(result.podmanMs)
    } ms ` +
      `(medians), ratio ${result.ratio.toFixed(2)} (goal 1.3)`,
  );
  await writeResult(result);
}
