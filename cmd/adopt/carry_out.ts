/** Carries a plan of an adoption out, step by step, each on disk before the next. */
import type { ApiClient } from "../../shared/api/client.ts";
import type { BuiltImage } from "../../shared/api/release.ts";
import { SkerryError } from "../../shared/errors.ts";
import { parseImageReference } from "../../agent/drivers/podman/image_reference.ts";
import type { Prepared } from "../../shared/project/prepare.ts";
import { buildImages, planOf, release, uploadBlobs } from "../apply/apply.ts";
import { followRelease } from "../apply/follow.ts";
import type { Cli } from "../cli.ts";
import { copyFolder, folderDigest } from "./folder_copy.ts";
import type { HomeEngine } from "./home_engine.ts";
import type { Journal, JournalFile } from "./journal.ts";
import type { OldEngine } from "./old_engine.ts";
import { type AdoptPlan, sizeText, type VolumeCopy } from "./plan.ts";

export interface CarryOutWith {
  readonly cli: Cli;
  readonly api: ApiClient;
  readonly home: HomeEngine;
  readonly old: OldEngine | null;
  /** The archive that images come from; null: the engine. */
  readonly archive: string | null;
  readonly file: JournalFile;
  readonly signal: AbortSignal;
}

/** What is copied where it is not here yet, by the service's name: what it is to run. */
async function bringImages(
  { cli, home, old, archive, signal }: CarryOutWith,
  plan: AdoptPlan,
): Promise<Record<string, BuiltImage>> {
  const { terminal } = cli.host;
  const pinned: Record<string, BuiltImage> = {};
  /** Old id → ours; they differ only where an engine keeps images in another way. */
  const ours = new Map<string, string>();
  for (const { id } of plan.images) if (await home.image(id) !== null) ours.set(id, id);
  const missing = plan.images.some((each) => !ours.has(each.id));
  if (missing && archive !== null) {
    terminal.err(`images: loading ${archive}\n`);
    const file = await Deno.open(archive, { read: true });
    await home.load(file.readable);
  }
  for (const { service, reference, id, sizeBytes } of plan.images) {
    signal.throwIfAborted();
    if (!ours.has(id) && await home.image(id) !== null) ours.set(id, id);
    if (!ours.has(id) && old !== null) {
      terminal.err(`images: copying ${reference} (${sizeText(sizeBytes ?? 0)})\n`);
      const loaded = await home.load(await old.saveImage(id));
      const there = await home.image(id) !== null ? id : loaded[0];
      if (there !== undefined) ours.set(id, there);
      if (there !== undefined && there !== id) {
        terminal.err(`  its id is ${there.slice(0, 12)} here, ${id.slice(0, 12)} there\n`);
      }
    }
    const own = ours.get(id);
    if (own === undefined) {
      throw new SkerryError(
        "image_not_brought",
        `image "${reference}" (${id.slice(0, 12)}) did not arrive`,
        "see that the archive holds it, or that the engine can save it",
      );
    }
    const parsed = parseImageReference(reference);
    if (parsed !== null && parsed.digest === null) {
      await home.tag(own, `${parsed.registry}/${parsed.repository}`, parsed.version);
    }
    pinned[service] = { imageId: own, reference };
  }
  return pinned;
}

async function stopOld(
  { cli, old, file }: CarryOutWith,
  plan: AdoptPlan,
  journal: Journal,
): Promise<void> {
  if (old === null) return;
  await file.write(journal);
  const { terminal } = cli.host;
  let kept = false;
  for (const each of plan.stop) {
    const policy = each.restart.Name;
    if (policy !== "" && policy !== "no") {
      kept = !(await old.setRestart(each.id, { Name: "no", MaximumRetryCount: 0 })) || kept;
    }
    if (each.running) terminal.err(`stopping the old ${each.name}\n`);
    await old.stop(each.id);
  }
  if (kept) {
    terminal.err(
      `note: ${old.title} cannot change the restart policy of a container. Where its ` +
        "podman-restart.service is on, it starts the old ones at boot: systemctl disable " +
        "podman-restart.service\n",
    );
  }
}

async function bringVolume(
  { cli, home, signal }: CarryOutWith,
  copy: VolumeCopy,
): Promise<string> {
  const { terminal } = cli.host;
  // A copy that was cut is begun anew.
  await home.removeVolume(copy.to);
  terminal.err(`volume ${copy.label}: copying ${sizeText(copy.bytes)}\n`);
  const before = await folderDigest(copy.folder, signal);
  const { uid, gid } = await Deno.stat(copy.folder);
  const folder = await home.createVolume(copy.to, copy.labels, { uid: uid ?? 0, gid: gid ?? 0 });
  await copyFolder(copy.folder, folder, signal);
  const after = await folderDigest(folder, signal);
  if (after.digest !== before.digest || after.entries !== before.entries) {
    throw new SkerryError(
      "copy_differs",
      `the copy of volume "${copy.from}" is not what is in "${copy.folder}": ` +
        `${after.entries} entries, ${before.entries} there`,
      "see that nothing else writes there, and that the disk is sound; then adopt again",
    );
  }
  terminal.err(`  verified: ${after.entries} entries, ${after.digest.slice(0, 19)}\n`);
  return after.digest;
}

/**
 * Gives true where the project runs here; false where the watching was ended and it goes on by
 * itself. Throws where it cannot be; the journal then says how far it came.
 */
export async function carryOut(
  given: CarryOutWith,
  plan: AdoptPlan,
  prepared: Prepared,
  start: Journal,
): Promise<boolean> {
  const { cli, api, file, signal } = given;
  let journal = start;
  await file.write(journal);
  const pinned = await bringImages(given, plan);
  const unbuilt = Object.entries(prepared.model.services)
    .filter(([name]) => pinned[name] === undefined);
  const rest = { ...prepared, model: { ...prepared.model, services: Object.fromEntries(unbuilt) } };
  const { part } = await buildImages(cli, api, rest, { pull: false, noCache: false });
  await stopOld(given, plan, journal);
  for (const copy of plan.volumes) {
    const before = journal.volumes.find((each) => each.to === copy.to);
    // Verified by an earlier try, and nothing ran on either side since.
    if (before !== undefined && before.digest !== null) continue;
    signal.throwIfAborted();
    const digest = await bringVolume(given, copy);
    const volumes = journal.volumes.map((each) => each.to === copy.to ? { ...each, digest } : each);
    journal = { ...journal, volumes };
    await file.write(journal);
  }
  signal.throwIfAborted();
  const whole: Prepared = {
    ...prepared,
    part: { ...prepared.part, builds: { ...part.builds, ...pinned } },
  };
  const answer = await planOf(api, whole, false);
  await uploadBlobs(cli, api, answer.missingBlobs, whole.carried);
  journal = { ...journal, phase: "starting" };
  await file.write(journal);
  cli.host.terminal.err(`starting ${plan.project} in Skerry\n`);
  const accepted = await release(cli, api, plan.project, {
    parent: answer.parent,
    parts: { compose: whole.part },
    secretValues: { ...whole.secretValues },
  });
  const end = await followRelease(cli, api, accepted.id);
  if (end === null) return false;
  if (end.state !== "done") {
    const why = end.reason === null ? "" : `: ${end.reason.message}`;
    throw new SkerryError(
      "not_healthy",
      `${plan.project} did not come up in Skerry${why}`,
      "`skerry get services` and `skerry logs SERVICE` say why",
    );
  }
  await file.write({ ...journal, phase: "done" });
  return true;
}
