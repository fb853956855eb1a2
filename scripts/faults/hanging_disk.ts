/**
 * A disk that hangs: each fsync of Skerry and of Podman waits, and then it is done. Names and pages
 * come all the while, what a person asks for comes late and is right.
 */
import type { CommandResult } from "../../shared/command.ts";
import { type Findings, joined } from "./fault.ts";
import type { Place } from "./disk_fault.ts";
import { podmanPid } from "./disk.ts";
import { BOX, type Plant } from "./plant.ts";

/** Longer than the health checks' and the proxy's own patience. */
const HANG_SECONDS = 15;
/** Of looking on. */
const LOOK_SECONDS = 45;

export const HANGING_DISK = `each fsync of Skerry and Podman hangs for ${HANG_SECONDS} s`;

/** A secret and an apply meet the hang; looks on, ends it, and looks what came of them. */
export async function underHang({ plant, up }: Place): Promise<Findings> {
  const { box } = plant;
  const output = `/dev/shm/hang-${crypto.randomUUID().slice(0, 8)}`;
  const calls = "fsync,fdatasync";
  const tracer = box.host.spawn([
    ...["strace", "-f", "-e", "signal=none", "-o", output, "-e", `trace=${calls}`],
    ...["-e", `inject=${calls}:delay_enter=${HANG_SECONDS * 1_000_000}`],
    ...["-p", String(up().pid), "-p", String(await podmanPid(box))],
  ]);
  await tracer.waitFor(/attached/, 30_000);
  const changes = changed(plant);
  const met = await servedMeanwhile(plant);
  const hits = await box.host.run(["grep", "-c", "DELAYED", output]);
  // It detaches on SIGINT and leaves the programs as they are.
  tracer.kill("SIGINT");
  await tracer.status;
  if (Number(hits.stdout) === 0) met.push("no fsync met the hang");
  return joined({ lost: [], wrong: [...met, ...await changes] }, await plant.check());
}

/** Late is no error; what is not done in a command's time must be said. */
async function changed(plant: Plant): Promise<readonly string[]> {
  const wrong: string[] = [];
  const tried = async (what: string, change: Promise<CommandResult>) => {
    const { code, stdout, stderr } = await change;
    if (code !== 0) wrong.push(`\`${what}\` ended with ${code}: ${(stderr || stdout).trim()}`);
  };
  await tried("secret set", plant.setSecret());
  await tried("apply", plant.applyNext());
  return wrong;
}

/** What did not come while the disk hung. */
async function servedMeanwhile(plant: Plant): Promise<string[]> {
  const missed: string[] = [];
  const end = performance.now() + LOOK_SECONDS * 1000;
  const ask = ["dig", "+time=3", "+tries=1", "+short", "web.shop.internal", "@10.200.9.1"];
  let looks = 0;
  let pages = 0;
  let names = 0;
  while (performance.now() < end) {
    looks += 1;
    if (await plant.page() !== "") pages += 1;
    if (/^10\./.test((await plant.box.host.run(ask)).stdout)) names += 1;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  if (pages < looks) missed.push(`${looks - pages} of ${looks} pages of ${BOX} did not come`);
  if (names < looks) missed.push(`${looks - names} of ${looks} names were not answered`);
  return missed;
}
