/** Volumes, binds, tmpfs, configs: what a service finds in its file system. */
import type { ComposePart, PlanAnswer, Warning } from "../../shared/api/release.ts";
import type { ComposeModel, ComposeMount, ComposeService } from "../../shared/compose/model.ts";
import { driverKind } from "../../shared/compose/driver_options.ts";
import { parseTmpfs } from "../../shared/compose/tmpfs.ts";
import { volumeSources } from "../../shared/compose/volumes_from.ts";
import { canonicalJson, sha256 } from "../../shared/model/hash.ts";
import type { Sha256 } from "../../shared/model/hash.ts";
import { VolumeId } from "../../shared/model/ids.ts";
import type { ProjectId } from "../../shared/model/ids.ts";
import type { Mount } from "../../shared/model/service_spec.ts";
import type { VolumeRow } from "../store/volumes.ts";
import type { Fault } from "./fault.ts";
import type { DecideTools, Situation } from "./situation.ts";
import { ownValue } from "../../shared/own_value.ts";

/** On volumes that are not the project's own: a purge leaves their data. */
export const EXTERNAL_LABEL = "skerry.external";

type Strings = Readonly<Record<string, string>>;

export interface VolumePlace {
  /** What it is called in Podman. */
  readonly engineName: string;
  readonly labels: Strings;
  /** `driver_opts` of what is mounted in its place. */
  readonly options: Strings;
}

/** Volumes by the name that the compose file or the service's target gives them. */
export interface VolumeBook {
  readonly added: readonly VolumeRow[];
  readonly used: ReadonlySet<string>;
  /** The volume of that name, made where there is none. */
  take(name: string, place: VolumePlace): VolumeRow;
}

/** The project's volumes, which grow by those that are taken. */
export function createVolumeBook(
  situation: Situation,
  projectId: ProjectId,
  tools: DecideTools,
  faults: Fault[],
): VolumeBook {
  const known = new Map(
    situation.volumes.filter((row) => row.projectId === projectId).map((row) => [row.name, row]),
  );
  const added: VolumeRow[] = [];
  const used = new Set<string>();
  return {
    added,
    used,
    take(name, { engineName, labels, options }) {
      used.add(name);
      const volume = known.get(name);
      if (volume !== undefined) {
        if (!sameOptions(volume.options, options)) faults.push(optionsDiffer(volume, options));
        return volume;
      }
      const made: VolumeRow = {
        id: VolumeId.parse(tools.newId("vol")),
        projectId,
        name,
        engineName,
        nodeId: situation.node.id,
        generation: 1,
        state: "ready",
        labels: { ...labels },
        options: { ...options },
        createdAt: situation.now,
      };
      known.set(name, made);
      added.push(made);
      return made;
    },
  };
}

function sameOptions(one: Strings, other: Strings): boolean {
  return canonicalJson(one) === canonicalJson(other);
}

/** What is in a volume stays there: one that lies elsewhere is another volume. */
function optionsDiffer(volume: VolumeRow, options: Strings): Fault {
  const words = (each: Strings) =>
    Object.keys(each).length === 0 ? "no driver_opts" : `driver_opts ${JSON.stringify(each)}`;
  return {
    code: "volume_differs",
    detail: `the volume "${volume.name}" was made with ${words(volume.options)}, ` +
      `now it has ${words(options)}`,
    remedy: "Give it another name below volumes, or remove it: skerry volume rm. " +
      "What is in it is not moved.",
  };
}

/** Volumes whose data lie on the host, outside of the engine's folders. */
export function volumeWarnings(model: ComposeModel): Warning[] {
  return Object.entries(model.volumes).flatMap(([name, { driver_opts: options }]): Warning[] => {
    const kind = options === undefined ? null : driverKind(options);
    if (options === undefined || kind !== "folder" && kind !== "disk") return [];
    return [{
      code: "reaches_host",
      message: `volume "${name}" is "${options.device ?? ""}" of the host: ` +
        "services that mount it reach the host there",
      remedy: "Leave out driver_opts where its data need not lie there.",
    }];
  });
}

/** What becomes of each volume of a project, by name. */
export function planVolumes(
  situation: Situation,
  projectId: ProjectId,
  book: VolumeBook,
): PlanAnswer["volumes"] {
  return [
    ...situation.volumes.filter((row) => row.projectId === projectId)
      .map((row) => ({
        name: row.name,
        change: situation.purge
          ? "removed" as const
          : book.used.has(row.name)
          ? "kept" as const
          : "unused" as const,
      })),
    ...book.added.map((row) => ({ name: row.name, change: "created" as const })),
  ].sort((a, b) => a.name < b.name ? -1 : 1);
}

/** What a volume is called in Podman, and its labels; `prefix`: of the home's names. */
export function volumePlace(
  model: ComposeModel,
  source: string,
  prefix: string,
): VolumePlace {
  const declared = ownValue(model.volumes, source);
  const plain = declared === undefined ||
    declared.external !== true && declared.name === `${model.name}_${source}`;
  // A project's name has no dot, so `project.volume` is never another project's.
  const engineName = plain ? `${prefix}-${model.name}.${source}` : declared.name;
  const marks = declared?.external === true ? { [EXTERNAL_LABEL]: "true" } : {};
  const options = declared?.driver_opts ?? {};
  return { engineName, labels: { ...declared?.labels, ...marks }, options };
}

/** What a volume without a name is called in Podman: it is its service's own, by the path in it. */
export function namelessVolume(
  project: string,
  service: string,
  target: string,
  prefix: string,
): string {
  return `${prefix}-${project}.${service}.${sha256(target).slice(0, 12)}`;
}

function namedVolume(model: ComposeModel, source: string, prefix: string, book: VolumeBook) {
  return book.take(source, volumePlace(model, source, prefix));
}

function octal(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : parseInt(text, 8);
}

/** A config's or secret's owner and mode on the container's side. */
export function ownership(
  use: { readonly uid?: string; readonly gid?: string; readonly mode?: string },
): { uid: number; gid: number; mode: number } {
  return { uid: Number(use.uid ?? "0"), gid: Number(use.gid ?? "0"), mode: octal(use.mode, 0o444) };
}

interface OwnedMount {
  readonly mount: ComposeMount;
  /** The service that wrote it: its volumes without a name are found under that. */
  readonly owner: string;
}

/** What a service mounts: its own, and of `volumes_from` what has no target of its own, deeply. */
function mountsOf(name: string, service: ComposeService, model: ComposeModel): OwnedMount[] {
  const found = new Map<string, OwnedMount>();
  const seen = new Set<string>();
  const visit = (owner: string, each: ComposeService, readOnly: boolean) => {
    if (seen.has(owner)) return;
    seen.add(owner);
    for (const mount of each.volumes ?? []) {
      if (found.has(mount.target) || owner !== name && mount.type === "tmpfs") continue;
      found.set(mount.target, { owner, mount: readOnly ? { ...mount, read_only: true } : mount });
    }
    for (const source of volumeSources(each.volumes_from)) {
      const other = ownValue(model.services, source.service);
      if (other !== undefined) visit(source.service, other, readOnly || source.readOnly);
    }
  };
  visit(name, service, false);
  return [...found.values()];
}

/** A service's mounts in the order of the file, then its configs. `content`: blobs made of inline configs. */
export function decideMounts(
  name: string,
  service: ComposeService,
  part: ComposePart,
  prefix: string,
  book: VolumeBook,
  content: Map<Sha256, string>,
  faults: Fault[],
): Mount[] {
  const { model, files } = part;
  const mounts: Mount[] = [];
  for (const { mount, owner } of mountsOf(name, service, model)) {
    const readOnly = mount.read_only ?? false;
    const { target } = mount;
    switch (mount.type) {
      case "volume": {
        const folder = ownValue(model.volumes, mount.source)?.driver_opts;
        if (folder !== undefined && driverKind(folder) === "folder") {
          mounts.push({
            kind: "bind",
            source: folder.device ?? "",
            target,
            readOnly: readOnly || folder.o?.split(",").includes("ro") === true,
            createHostPath: false,
          });
          break;
        }
        const volume = mount.source === ""
          ? book.take(`${owner}:${target}`, {
            engineName: namelessVolume(model.name, owner, target, prefix),
            labels: {},
            options: {},
          })
          : namedVolume(model, mount.source, prefix, book);
        if (mount.volume?.subpath !== undefined) {
          faults.push({
            code: "subpath_not_carried_out",
            detail: `service "${name}" mounts "${mount.volume.subpath}" of volume ` +
              `"${mount.source}", which is not carried out yet: it would be given the whole`,
            remedy:
              "Leave out subpath and mount the volume, or give this part a volume of its own.",
          });
        }
        mounts.push({
          kind: "volume",
          volume: volume.id,
          target,
          readOnly,
          ...(mount.volume?.nocopy === true ? { noCopy: true } : {}),
          ...(volume.options.o?.split(",").includes("noexec") === true ? { noExec: true } : {}),
        });
        break;
      }
      case "bind": {
        const carried = readOnly ? ownValue(files, mount.source) : undefined;
        if (carried?.kind === "file") {
          const { sha256: hash, mode } = carried;
          mounts.push({ kind: "file", sha256: hash, target, mode, uid: 0, gid: 0 });
        } else if (carried?.kind === "folder") {
          mounts.push({ kind: "folder", target, entries: carried.entries });
        } else {
          mounts.push({
            kind: "bind",
            source: mount.source,
            target,
            readOnly,
            createHostPath: mount.bind?.create_host_path ?? true,
            ...(mount.bind?.propagation === undefined
              ? {}
              : { propagation: mount.bind.propagation }),
          });
        }
        break;
      }
      case "tmpfs": {
        const size = mount.tmpfs?.size;
        const mode = mount.tmpfs?.mode;
        mounts.push({
          kind: "tmpfs",
          target,
          ...(size === undefined || size === "0" ? {} : { sizeBytes: Number(size) }),
          ...(mode === undefined ? {} : { mode }),
        });
        break;
      }
    }
  }
  for (const text of service.tmpfs ?? []) {
    const tmpfs = parseTmpfs(text);
    if (tmpfs === null || mounts.some((each) => each.target === tmpfs.target)) continue;
    mounts.push({
      kind: "tmpfs",
      target: tmpfs.target,
      ...(tmpfs.sizeBytes === null ? {} : { sizeBytes: tmpfs.sizeBytes }),
      ...(tmpfs.mode === null ? {} : { mode: tmpfs.mode }),
      ...(tmpfs.others.length === 0 ? {} : { options: [...tmpfs.others] }),
    });
  }
  for (const use of service.configs ?? []) {
    const config = ownValue(model.configs, use.source);
    // It is kept with the secrets, and handed out with them.
    if (config?.external === true) continue;
    let hash: Sha256 | undefined;
    if (config?.content !== undefined) {
      hash = sha256(config.content);
      content.set(hash, config.content);
    } else {
      const carried = ownValue(
        files,
        config?.file ?? `environment:${config?.environment ?? ""}`,
      );
      if (carried?.kind === "file") hash = carried.sha256;
    }
    if (hash === undefined) {
      faults.push({
        code: "config_missing",
        detail: `config "${use.source}" of service "${name}" came without its content`,
        remedy: "Give it a `file`, `content` or `environment` that can be read where you apply.",
      });
      continue;
    }
    mounts.push({ kind: "file", sha256: hash, target: use.target, ...ownership(use) });
  }
  return mounts;
}
