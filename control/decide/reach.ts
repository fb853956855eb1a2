/**
 * What a release would reach beyond its own project: the host, or what belongs to other projects.
 * Only what is not running so already counts: who changes another service of the project needs no
 * more rights for that. Pure.
 */
import { driverKind } from "../../shared/compose/driver_options.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import type { VolumeRow } from "../store/volumes.ts";
import type { Decision } from "./decision.ts";
import { EXTERNAL_LABEL } from "./mounts.ts";
import { accessWarnings, capabilityWarnings } from "./capabilities.ts";
import type { Situation } from "./situation.ts";

export interface Reach {
  /** What reaches the host, a sentence each. */
  readonly host: readonly string[];
  /** Projects whose volumes or networks it takes part in. */
  readonly projects: readonly string[];
}

/** Why who gets into a container of it is as good as root on the host; a sentence each. */
export function rootReach(service: string, spec: ServiceSpec): string[] {
  return [
    ...accessWarnings(service, spec).map(({ message }) => message),
    ...capabilityWarnings(service, spec.capAdd).map(({ message }) => message),
  ];
}

/** Whoever has these of the host has the host: read, where they are held as a whole. */
const HOLDS_HOST = [
  "/boot",
  "/dev",
  "/etc",
  "/proc",
  "/root",
  "/run",
  "/sys",
  "/usr",
  "/var/lib/containers",
];
/** Drives and memory, whatever a container's own root may do with them. */
const RAW_DEVICE = /^\/dev\/(?:k?mem|port|(?:[shv]|xv)d[a-z]|nvme|mmcblk|md|dm-|mapper|loop|vfio)/;

function bindReach({ source, readOnly }: { source: string; readOnly: boolean }): boolean {
  const path = source.replace(/^\/var\/run(?=\/|$)/, "/run").replace(/(?<=.)\/+$/, "");
  // The sockets of engines and of Skerry take orders from whoever may only read there, too.
  if (path.startsWith("/run/")) return true;
  return HOLDS_HOST.some((held) =>
    path === held || path === "/" || held.startsWith(`${path}/`) ||
    !readOnly && path.startsWith(`${held}/`)
  );
}

/** Why who gets a shell in a container of it is as good as root on the host; a sentence each. */
export function sessionReach(service: string, spec: ServiceSpec): string[] {
  const binds = spec.mounts.flatMap((mount) =>
    mount.kind === "bind" && bindReach(mount) ? [mount.source] : []
  );
  const devices = spec.access?.devices ?? [];
  const raw = [
    ...devices.map(({ source }) => source).filter((source) => RAW_DEVICE.test(source)),
    ...spec.access?.deviceRules ?? [],
  ];
  return [
    ...rootReach(service, spec),
    ...binds.map((source) => `service "${service}" has "${source}" of the host`),
    ...raw.map((source) => `service "${service}" has the device "${source}" of the host`),
  ];
}

/** Ways of a spec to its host, without those of its volumes; a sentence each. */
export function hostReach(service: string, spec: ServiceSpec): string[] {
  // What is not known to be harmless, or told below, is none of a project's own: deny by default.
  const {
    privileged: _privileged,
    pid: _pid,
    ipc: _ipc,
    uts: _uts,
    cgroup: _cgroup,
    groups: _groups,
    sysctls: _sysctls,
    security = [],
    devices = [],
    deviceRules = [],
    ...others
  } = spec.access ?? {};
  const binds = spec.mounts.flatMap((mount) => mount.kind === "bind" ? [mount.source] : []);
  const loosened = security.filter((each) => !/^no-new-privileges/.test(each));
  const of = (what: string, values: readonly string[]) =>
    values.length === 0 ? [] : [`service "${service}" has ${what} ${values.join(", ")}`];
  return [
    ...rootReach(service, spec),
    ...of("devices of the host:", [...devices.map(({ source }) => source), ...deviceRules]),
    ...of("folders of the host:", binds),
    ...of("less separation by security_opt:", loosened),
    ...of("a part in its host:", Object.keys(others).sort()),
  ];
}

/** What is new of a release and reaches beyond its project. */
export function reachOf(decision: Decision, situation: Situation): Reach {
  const running = new Set(
    situation.live.filter(({ want }) => want === "run").map(({ revisionId }) => revisionId),
  );
  const fresh = decision.specs.filter(({ revisionId }) => !running.has(revisionId));
  const volumes = new Map(
    [...situation.volumes, ...decision.volumes].map((row) => [row.id, row]),
  );
  const names = new Map(situation.projects.map(({ id, name }) => [id, String(name)]));
  const host: string[] = [];
  const projects = new Set<string>();
  for (const { service, spec } of fresh) {
    host.push(...hostReach(service, spec));
    for (const mount of spec.mounts) {
      const volume = mount.kind === "volume" ? volumes.get(mount.volume) : undefined;
      if (volume === undefined) continue;
      const owners = situation.volumes.filter((other) =>
        other.engineName === volume.engineName && other.projectId !== decision.project.id
      ).flatMap(({ projectId }) => names.get(projectId) ?? []);
      for (const owner of owners) projects.add(owner);
      const why = owners.length > 0 ? null : whyOfHost(volume);
      if (why !== null) host.push(`service "${service}" mounts ${why}`);
    }
    for (const { network } of spec.networks) {
      for (const row of situation.networks) {
        if (row.key !== network || row.projectId === decision.project.id) continue;
        const owner = names.get(row.projectId);
        if (owner !== undefined) projects.add(owner);
      }
    }
  }
  return { host: [...new Set(host)], projects: [...projects].sort() };
}

/** Null: it is the engine's own, and the project's. */
function whyOfHost({ name, labels, options }: VolumeRow): string | null {
  if (labels[EXTERNAL_LABEL] !== undefined) {
    return `the volume "${name}", which was there before the project`;
  }
  const kind = Object.keys(options).length === 0 ? null : driverKind(options);
  return kind === null || kind === "tmpfs"
    ? null
    : `the volume "${name}", which is "${options["device"] ?? ""}" of the host`;
}
