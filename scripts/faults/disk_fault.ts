/**
 * The disk says no, while changes are made: injected into the calls of Skerry and of Podman by
 * strace, or for real (full, or read-only after an error of the file system). The box serves on,
 * each command either holds what it acknowledged or says what is wrong, and all of it comes right
 * once the disk does.
 */
import type { CommandResult } from "../../shared/command.ts";
import type { LabProcess } from "../e2e/lab/process.ts";
import { until } from "../e2e/lab/program.ts";
import { createHomeDisk, type HomeDisk, podmanPid } from "./disk.ts";
import { type Fault, type Findings, joined } from "./fault.ts";
import { HANGING_DISK, underHang } from "./hanging_disk.ts";
import { createPlant, type Plant, PROJECT, SETTLE_MS } from "./plant.ts";
import { cutPower } from "./power.ts";

/** Switches a fault on; what it gives switches it off again. */
export type Begin = (place: Place) => Promise<() => Promise<void>>;

export interface Place {
  readonly plant: Plant;
  readonly disk: HomeDisk;
  /** Its pid changes when it is started anew. */
  up(): LabProcess;
  /** Starts it again after the power was cut. */
  boot(): Promise<void>;
}

/** Words by which a person sees that it is the disk. */
const CLEAR = /disk|space|read-only|I\/O error|input\/output|os error (5|28|30)/i;

/**
 * An error for calls of a running program and its threads, for as long as strace is attached.
 * @param files only calls on these; none: on all
 */
function injected(
  program: "skerry" | "podman",
  calls: string,
  error: "EIO" | "ENOSPC",
  files: (plant: Plant) => readonly string[] | Promise<readonly string[]> = () => [],
): Begin {
  return async ({ plant, up }) => {
    const { box } = plant;
    const pid = program === "skerry" ? up().pid : await podmanPid(box);
    const output = `/dev/shm/inject-${crypto.randomUUID().slice(0, 8)}`;
    const tracer = box.host.spawn([
      ...["strace", "-f", "-e", "signal=none", "-o", output],
      ...(await files(plant)).flatMap((file) => ["-P", file]),
      ...["-e", `trace=${calls}`, "-e", `inject=${calls}:error=${error}`, "-p", String(pid)],
    ]);
    await tracer.waitFor(/attached/, 30_000);
    return async () => {
      const hits = await box.host.run(["grep", "-c", "INJECTED", output]);
      // It detaches on SIGINT and leaves the program as it is.
      tracer.kill("SIGINT");
      await tracer.status;
      if (Number(hits.stdout) === 0) throw new Error(`no call met the ${error}: ${calls}`);
    };
  };
}

const database = ({ box: { layout } }: Plant) => [
  layout.controlDatabase,
  `${layout.controlDatabase}-wal`,
  `${layout.controlDatabase}-journal`,
];

const logs = async ({ box }: Plant) => {
  const { logsDir, eventsDir } = box.layout;
  const found = await box.host.must(["find", logsDir, eventsDir, "-type", "f"]);
  return found.split("\n").filter((path) => path !== "");
};

/** Full, and the next version's image has to be pulled first. */
const fullAtPull: Begin = async (place) => {
  const { plant } = place;
  // The first one is in use for as long as there are containers of the other services.
  if (plant.nextImage().endsWith(":0")) await plant.applyNext("--wait");
  await plant.check();
  await plant.box.podman.must(["image", "prune", "--all", "--force"]);
  const images = await plant.box.podman.must(["images", "--quiet"]);
  if (images.trim().split("\n").length !== 1) throw new Error(`there are more images: ${images}`);
  return await full(place);
};

const full: Begin = async ({ plant: { box } }) => {
  const filler = `${box.layout.home}/filler`;
  // All that there is, and then the last blocks too.
  await box.host.run(["dd", "if=/dev/zero", `of=${filler}`, "bs=1M", "status=none"]);
  await box.host.run(["dd", "if=/dev/zero", `of=${filler}.2`, "bs=4k", "status=none"]);
  return async () => {
    await box.host.must(["rm", "-f", filler, `${filler}.2`]);
  };
};

const readOnly: Begin = async ({ plant: { box, lab }, disk, boot }) => {
  await disk.fail();
  return async () => {
    await cutPower(lab, box, disk);
    await boot();
  };
};

export const DATABASE_FSYNC: readonly [string, Begin] = [
  "EIO at each fsync of the control plane's database",
  injected("skerry", "fsync,fdatasync", "EIO", database),
];

const FAULTS: readonly (readonly [string, Begin])[] = [
  DATABASE_FSYNC,
  [
    "EIO at each write of the control plane's database",
    injected("skerry", "pwrite64", "EIO", database),
  ],
  [
    "ENOSPC at each write of the control plane's database",
    injected("skerry", "pwrite64", "ENOSPC", database),
  ],
  [
    "EIO at each fsync of Skerry (database, last-good, blobs)",
    injected("skerry", "fsync,fdatasync", "EIO"),
  ],
  [
    "ENOSPC at each rename of Skerry (last-good, blobs, memory)",
    injected("skerry", "rename", "ENOSPC"),
  ],
  ["EIO at each fsync of Podman", injected("podman", "fsync,fdatasync", "EIO")],
  ["ENOSPC at each write of Podman's database", injected("podman", "pwrite64", "ENOSPC")],
  ["ENOSPC at each folder that Podman makes", injected("podman", "mkdirat,mkdir", "ENOSPC")],
  ["EIO at each write of Skerry's logs and events", injected("skerry", "write", "EIO", logs)],
  ["the home's disk is full", full],
  ["the home's disk is full, and an image has to be pulled", fullAtPull],
  ["the home's file system turned read-only after an error, then a boot", readOnly],
];

/** Those that failed must say that it was the disk. */
function unclear(results: readonly (readonly [string, CommandResult])[]): readonly string[] {
  return results.flatMap(([what, { code, stdout, stderr }]) =>
    code === 0 || CLEAR.test(stdout + stderr)
      ? []
      : [`\`${what}\` ended with ${code} and without naming the disk: ${stderr.trim()}`]
  );
}

async function during(plant: Plant): Promise<Findings> {
  const before = await plant.page();
  const results: (readonly [string, CommandResult])[] = [
    ["secret set", await plant.setSecret()],
    ["apply", await plant.applyNext()],
    ["get services", await plant.box.run(["get", "services"])],
  ];
  const wrong = [...unclear(results)];
  const [, got] = results.at(-1) ?? [];
  if (got !== undefined && got.code !== 0) wrong.push(`nothing can be read: ${got.stderr.trim()}`);
  // Some of what was acknowledged may be under way; a page there is, the old or the new one.
  for (let look = 0; look < 20; look += 1) {
    if (await plant.page() === "") wrong.push(`no page, which was "${before}"`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { lost: [], wrong: [...new Set(wrong)] };
}

/** A secret and an apply under the fault, and what there is once it is over. */
export async function underFault(place: Place, begin: Begin): Promise<Findings> {
  const { plant } = place;
  const end = await begin(place);
  let met: Findings;
  try {
    met = await during(plant);
  } finally {
    await end();
  }
  // An end by the fault is an end all the same: whoever keeps it starts it again.
  if (await ended(place.up())) await place.boot();
  await until("an answer", async () => (await plant.box.run(["get", "nodes"])).code === 0, 60_000);
  const after = await plant.check();
  // What was acknowledged of the secret shows in the next version.
  const again = await plant.applyNext("--wait");
  const changed = joined(await plant.check(), {
    lost: [],
    wrong: again.code === 0 ? [] : [`nothing can be applied any more: ${again.stderr.trim()}`],
  });
  const line = await plant.writeLine();
  const wrong = line.code === 0 ? [] : [`no line could be written: ${line.stderr.trim()}`];
  const said = async () =>
    (await plant.box.run(["logs", "db", "-p", PROJECT, "--since", "10s"])).stdout.includes("tick");
  await until("a new line of the log", said, SETTLE_MS)
    .catch(() => wrong.push("nothing more comes into the log"));
  return joined(met, after, changed, { lost: [], wrong });
}

export const diskFault: Fault = {
  name: "disk",
  about: "the disk says no while a secret is set and an apply is made, and is well again after it",
  runs: 2,
  async run(trial) {
    let disk: HomeDisk | undefined;
    const plant = await createPlant({
      registry: true,
      before: async ({ host, layout }) => {
        disk = await createHomeDisk(host, layout.home, 512);
      },
    });
    const { box } = plant;
    try {
      let up = await box.start();
      await plant.prepare();
      const { disk: there } = { disk };
      if (there === undefined) throw new Error("the home has no disk of its own");
      const boot = async () => {
        up = await box.start();
      };
      const place: Place = { plant, disk: there, up: () => up, boot };
      for (const [row, begin] of FAULTS) {
        for (let number = 1; number <= trial.runs; number += 1) {
          await trial.one(row, `run ${number}`, () => underFault(place, begin), box.text);
        }
      }
      for (let number = 1; number <= trial.runs; number += 1) {
        await trial.one(HANGING_DISK, `run ${number}`, () => underHang(place), box.text);
      }
    } finally {
      await plant.close();
    }
  },
};

async function ended(program: LabProcess): Promise<boolean> {
  return await Promise.race([
    program.status.then(() => true),
    new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 50)),
  ]);
}
