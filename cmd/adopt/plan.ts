/** What an adoption would do, from what was found. Pure. */
import { namelessVolume, volumePlace } from "../../control/decide/mounts.ts";
import type { ComposeModel } from "../../shared/compose/model.ts";
import { refusal } from "../../shared/disk_text.ts";
import type { SkerryError } from "../../shared/errors.ts";
import type { HomeLayout } from "../../shared/home.ts";
import type { Findings } from "./findings.ts";
import type { OldContainer } from "./old_engine.ts";
import { ownValue } from "../../shared/own_value.ts";

/** A volume that the compose file uses, by its old name and by Skerry's. */
export interface NeededVolume {
  /** For people: `data`, or `db:/var/lib/x` where it has no name. */
  readonly label: string;
  readonly from: string;
  readonly to: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface VolumeCopy extends NeededVolume {
  readonly folder: string;
  readonly bytes: number;
}

export interface ImageCopy {
  readonly service: string;
  readonly reference: string;
  readonly id: string;
  readonly sizeBytes: number | null;
  /** Skerry has it already. */
  readonly here: boolean;
}

export interface AdoptPlan {
  readonly project: string;
  readonly images: readonly ImageCopy[];
  readonly volumes: readonly VolumeCopy[];
  /** To be stopped: those of the file's services, newest start first. */
  readonly stop: readonly OldContainer[];
  /** Why it cannot be. */
  readonly faults: readonly string[];
  /** What will be different, and what is left as it is. */
  readonly remarks: readonly string[];
  readonly neededBytes: number;
  /** Why there is no room for it; null: there is. */
  readonly lacking: SkerryError | null;
}

/** Every volume that the file's services mount; `containers` tell those without a name. */
export function neededVolumes(
  model: ComposeModel,
  containers: readonly OldContainer[],
  prefix: string,
): readonly NeededVolume[] {
  const needed = new Map<string, NeededVolume>();
  for (const [service, { volumes = [] }] of Object.entries(model.services)) {
    for (const mount of volumes) {
      if (mount.type !== "volume") continue;
      if (mount.source === "") {
        const own = containers.filter((each) => each.service === service);
        const from = own.flatMap((each) => each.volumes.get(mount.target) ?? [])[0];
        if (from === undefined) continue;
        const to = namelessVolume(model.name, service, mount.target, prefix);
        needed.set(to, { label: `${service}:${mount.target}`, from, to, labels: {} });
        continue;
      }
      // A folder of the host in the volume's place stays where it is, as binds do.
      if (ownValue(model.volumes, mount.source)?.driver_opts !== undefined) continue;
      const { engineName, labels } = volumePlace(model, mount.source, prefix);
      const from = ownValue(model.volumes, mount.source)?.name ?? `${model.name}_${mount.source}`;
      needed.set(engineName, { label: mount.source, from, to: engineName, labels });
    }
  }
  return [...needed.values()].sort((a, b) => a.label < b.label ? -1 : 1);
}

/** The references by which a service's image may be found; a build has the names that Compose gives. */
export function imageNames(model: ComposeModel, service: string): readonly string[] {
  const { image, build } = model.services[service] ?? {};
  if (image !== undefined) return [image];
  if (build === undefined) return [];
  return [`${model.name}-${service}`, `${model.name}_${service}`];
}

/** What an adoption copies, at most at one time. */
interface Copies {
  readonly bytes: number;
  /** What is being loaded lies on the disk as an archive, too. */
  readonly peakBytes: number;
  readonly files: number;
}

function copiesOf(
  images: readonly ImageCopy[],
  volumes: readonly VolumeCopy[],
  found: Findings,
): Copies {
  const sizes = new Map(
    images.filter(({ here }) => !here).map((each) => [each.id, each.sizeBytes]),
  );
  const ofEngine = [...sizes.values()].map((bytes) => bytes ?? 0);
  const ofArchive = sizes.size === 0 ? 0 : found.archiveBytes;
  const imageBytes = Math.max(ofArchive, ofEngine.reduce((sum, bytes) => sum + bytes, 0));
  const bytes = imageBytes + volumes.reduce((sum, each) => sum + each.bytes, 0);
  return {
    bytes,
    peakBytes: bytes + Math.max(ofArchive, ...ofEngine),
    files: volumes.reduce((sum, { from }) => sum + (found.volumes.get(from)?.files ?? 0), 0),
  };
}

/** Null: there is room, with what stays for those that run, or nobody knows. */
function lackingRoom(
  { space }: Findings,
  { peakBytes, files }: Copies,
  project: string,
  home: string,
): SkerryError | null {
  if (space === null || peakBytes === 0) return null;
  const left = { ...space, freeInodes: Math.max(0, space.freeInodes - files) };
  return refusal(left, home, `adopting "${project}"`, peakBytes);
}

/** @param layout of the home that it comes to */
export function planAdoption(
  model: ComposeModel,
  found: Findings,
  { home, namePrefix: prefix }: Pick<HomeLayout, "home" | "namePrefix">,
): AdoptPlan {
  const faults: string[] = [];
  const remarks: string[] = [];
  const services = Object.keys(model.services).sort();
  const { containers } = found;
  const stop = containers.filter((each) => ownValue(model.services, each.service) !== undefined);

  if (found.running.length > 0) {
    faults.push(
      `Skerry runs ${found.running.join(", ")} of "${model.name}" already; delete it first ` +
        `(skerry delete -p ${model.name}) or adopt under another name with -p`,
    );
  }
  if (found.origin.kind === "engine" && stop.length === 0) {
    faults.push(
      `${found.origin.title} on "${found.origin.socket}" has no container of the services ` +
        `${services.join(", ")} of a project "${model.name}"; name the project with -p, or the ` +
        "engine with --from",
    );
  }
  for (const each of stop) {
    if (!each.autoRemove) continue;
    faults.push(
      `container "${each.name}" removes itself when it stops (--rm), so nothing could go back; ` +
        "make it without",
    );
  }

  const images: ImageCopy[] = [];
  for (const service of services) {
    const names = imageNames(model, service);
    const own = stop.filter((each) => each.service === service);
    const old = own[0];
    const declared = model.services[service]?.image;
    const edited = old !== undefined && declared !== undefined &&
      old.image.reference !== declared &&
      bareReference(old.image.reference) !== bareReference(declared);
    if (edited) {
      remarks.push(
        `${service} runs "${old.image.reference}", the file says "${declared}": the file holds`,
      );
    }
    const id = old !== undefined && !edited
      ? old.image.id
      : names.map((name) => found.images.get(name)?.id).find((each) => each !== undefined);
    const reference = names[0];
    if (reference === undefined) continue;
    if (id === undefined) {
      remarks.push(
        declared === undefined
          ? `the image of ${service} was not found: it is built here`
          : `image "${reference}" of ${service} was not found there: its registry is asked`,
      );
      continue;
    }
    if (new Set(own.map((each) => each.image.id)).size > 1) {
      remarks.push(`the containers of ${service} run different images: that of the first is taken`);
    }
    const sizeBytes = (found.images.get(id) ?? found.images.get(reference))?.sizeBytes ?? null;
    images.push({ service, reference, id, sizeBytes, here: found.here.has(id) });
    if (model.services[service]?.build !== undefined) {
      remarks.push(`${service} goes on with the image that was built; the next apply builds anew`);
    }
  }

  const volumes: VolumeCopy[] = [];
  for (const need of neededVolumes(model, containers, prefix)) {
    const volume = found.volumes.get(need.from);
    if (volume === undefined) {
      remarks.push(`volume "${need.from}" is not there: ${need.label} begins empty`);
      continue;
    }
    if (found.taken.has(need.to)) {
      faults.push(
        `Skerry has a volume "${need.to}" already, whose data would be mixed with that of ` +
          `"${need.from}"; look into it, then remove it: skerry volume rm ${need.label} ` +
          `-p ${model.name}`,
      );
    }
    if (volume.unusual !== null) {
      faults.push(
        `volume "${need.from}" is no plain folder of the engine (${volume.unusual}): mount what ` +
          "is behind it by a bind in the compose file",
      );
      continue;
    }
    if (volume.bytes === null) {
      faults.push(
        `the data of volume "${need.from}" at "${volume.folder}" cannot be read from here; run ` +
          "this as root on the machine that holds it",
      );
      continue;
    }
    volumes.push({ ...need, folder: volume.folder, bytes: volume.bytes });
  }

  const taken = new Set(volumes.map((each) => each.from));
  for (const each of stop) {
    for (const [path, name] of each.volumes) {
      if (taken.has(name) || found.taken.has(name)) continue;
      if (mountsAt(model, each.service, path)) continue;
      remarks.push(
        `${each.service} keeps data at "${path}" in a volume that the file does not name; it is ` +
          `not brought. Where it matters, write "- NAME:${path}" under its volumes and adopt again`,
      );
    }
  }
  for (const each of containers) {
    if (stop.includes(each)) continue;
    remarks.push(`container "${each.name}" (${each.service}) is not in the file: it is left alone`);
  }
  remarks.push(...networkRemarks(model));

  const copies = copiesOf(images, volumes, found);
  return {
    project: model.name,
    images,
    volumes,
    stop: stop.toReversed(),
    faults,
    remarks,
    neededBytes: copies.bytes,
    lacking: lackingRoom(found, copies, model.name, home),
  };
}

function mountsAt(model: ComposeModel, service: string, path: string): boolean {
  return model.services[service]?.volumes?.some((mount) => mount.target === path) === true;
}

/** Without what Docker fills in itself. */
function bareReference(reference: string): string {
  const short = reference.replace(/^docker\.io\/(library\/)?/, "").replace(/^localhost\//, "");
  return /:[^/]*$/.test(short) || short.includes("@") ? short : `${short}:latest`;
}

function networkRemarks(model: ComposeModel): string[] {
  const remarks: string[] = [];
  for (const [name, service] of Object.entries(model.services).sort()) {
    const ports = (service.ports ?? []).flatMap((each) => each.published ?? []);
    if (ports.length === 0) continue;
    remarks.push(`${name} is reached at the same ports of the host: ${ports.join(", ")}`);
  }
  remarks.push(
    "containers get addresses of Skerry's own range; services find each other by the same names",
  );
  return remarks;
}

/** `1.2 GB` */
export function sizeText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}
