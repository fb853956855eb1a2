/**
 * What the driver is told of registries: how they are reached and as whom. It is asked at each
 * call, since it changes while the agent runs; passwords are in memory alone.
 */
import { mirrorHost, type RegistryLogin } from "../../../shared/model/registry.ts";
import { type ImageReference, isLoopback } from "./image_reference.ts";

export interface RegistrySettings {
  /** `host[:port]`, as references bear it. */
  readonly host: string;
  readonly plainHttp: boolean;
  /** `host[:port][/path]`, asked in this order before the registry itself. */
  readonly mirrors: readonly string[];
  readonly login: RegistryLogin | null;
}

/** All that are known, sorted by host. */
export type KnownRegistries = () => readonly RegistrySettings[];

/** A place that may have an image. */
export interface ImagePlace {
  readonly host: string;
  readonly repository: string;
  readonly isMirror: boolean;
}

/** Where a reference is looked for, in this order. Pure. */
export function placesOf(
  reference: ImageReference,
  registries: readonly RegistrySettings[],
): readonly ImagePlace[] {
  const { registry: host, repository } = reference;
  const mirrors = registries.find((each) => each.host === host)?.mirrors ?? [];
  return [
    ...mirrors.map((location) => ({
      host: mirrorHost(location),
      repository: `${location.slice(mirrorHost(location).length + 1)}/${repository}`
        .replace(/^\//, ""),
      isMirror: true,
    })),
    { host, repository, isMirror: false },
  ];
}

/** The login for a host; null: none is known. Pure. */
export function loginFor(
  registries: readonly RegistrySettings[],
  host: string,
): RegistryLogin | null {
  return registries.find((each) => each.host === host)?.login ?? null;
}

/** May a host speak plain http: because it is this machine, or because a person named it? Pure. */
export function mayBePlain(
  registries: readonly RegistrySettings[],
  insecureRegistries: readonly string[],
  host: string,
): boolean {
  return isLoopback(host) || insecureRegistries.includes(host) ||
    registries.some((each) => each.host === host && each.plainHttp);
}

/**
 * `registries.conf`: Docker Hub for bare names and nothing else, plain http for this machine and the
 * named hosts, and mirrors. Pure.
 */
export function renderRegistriesConf(
  insecureRegistries: readonly string[],
  registries: readonly RegistrySettings[],
): string {
  const quoted = (text: string): string => JSON.stringify(text);
  const plain = (host: string) => mayBePlain(registries, insecureRegistries, host);
  const told = registries.filter(({ plainHttp, mirrors }) => plainHttp || mirrors.length > 0);
  const hosts = new Set([
    ...["localhost", "127.0.0.1"],
    ...insecureRegistries,
    ...told.map(({ host }) => host),
  ]);
  return [
    "# Written by Skerry; changes here are lost.",
    'unqualified-search-registries = ["docker.io"]',
    'short-name-mode = "permissive"',
    ...[...hosts].sort().flatMap((host) => [
      "",
      "[[registry]]",
      `location = ${quoted(host)}`,
      ...(plain(host) ? ["insecure = true"] : []),
      ...(registries.find((each) => each.host === host)?.mirrors ?? []).flatMap((location) => [
        "",
        "[[registry.mirror]]",
        `location = ${quoted(location)}`,
        ...(plain(mirrorHost(location)) ? ["insecure = true"] : []),
      ]),
    ]),
    "",
  ].join("\n");
}
