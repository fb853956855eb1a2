/** Looks at everything that a plan of an adoption needs. Changes nothing. */
import type { ApiClient } from "../../shared/api/client.ts";
import type { ComposeModel } from "../../shared/compose/model.ts";
import { readSpace } from "../../shared/disk_space.ts";
import type { HomeLayout } from "../../shared/home.ts";
import { archiveImages } from "./archive.ts";
import type { Findings, FoundImage, FoundVolume, Origin } from "./findings.ts";
import { folderSize } from "./folder_copy.ts";
import type { HomeEngine } from "./home_engine.ts";
import type { OldEngine, OldVolume } from "./old_engine.ts";
import { imageNames, neededVolumes } from "./plan.ts";

export interface LookWith {
  readonly api: ApiClient;
  readonly layout: HomeLayout;
  readonly home: HomeEngine;
  /** Null: the old one comes from files. */
  readonly old: OldEngine | null;
  readonly files: { readonly volumes: string | null; readonly images: string | null };
  readonly signal: AbortSignal;
}

/** @param journaled volumes that this adoption itself made before it was cut */
export async function look(
  model: ComposeModel,
  { api, layout, home, old, files, signal }: LookWith,
  journaled: ReadonlySet<string>,
): Promise<Findings> {
  const containers = old === null ? [] : await old.containers(model.name);

  const known = new Set((await api.volumes(model.name)).map((each) => each.name));
  const volumes = new Map<string, FoundVolume>();
  const taken = new Set<string>();
  const volumeOf = async (name: string): Promise<OldVolume | null> => {
    if (old !== null) return await old.volume(name);
    if (files.volumes === null) return null;
    const folder = `${files.volumes}/${name}/_data`;
    const stat = await Deno.stat(folder).catch(() => null);
    return stat?.isDirectory === true ? { name, folder, unusual: null } : null;
  };
  for (const need of neededVolumes(model, containers, layout.namePrefix)) {
    if (!journaled.has(need.to)) {
      const folder = await home.volumeFolder(need.to);
      if (known.has(need.label) || folder !== null && !await isEmpty(folder)) taken.add(need.to);
    }
    const volume = await volumeOf(need.from);
    if (volume === null) continue;
    const size = await folderSize(volume.folder, signal) ?? { bytes: null, files: 0 };
    volumes.set(need.from, { ...volume, ...size });
  }

  const images = files.images === null
    ? new Map<string, FoundImage>()
    : await archiveImages(files.images, signal);
  if (old !== null) {
    const running = containers.map((each) => each.image.id);
    const named = Object.keys(model.services).flatMap((service) => imageNames(model, service));
    for (const reference of new Set([...running, ...named])) {
      const image = await old.image(reference);
      if (image !== null) images.set(reference, image);
    }
  }
  const here = new Set<string>();
  for (const { id } of images.values()) if (await home.image(id) !== null) here.add(id);

  const origin: Origin = old === null
    ? { kind: "files", ...files }
    : { kind: "engine", socket: old.socket, title: old.title };
  const running = (await api.services(model.name)).map((each) => each.name).sort();
  return {
    origin,
    containers,
    volumes,
    images,
    taken,
    here,
    archiveBytes: files.images === null ? 0 : (await Deno.stat(files.images)).size,
    space: readSpace(layout.home),
    running,
  };
}

/** A volume without anything in it has nothing to lose. */
async function isEmpty(folder: string): Promise<boolean> {
  for await (const _entry of Deno.readDir(folder)) return false;
  return true;
}
