/** Image references as Docker reads them (distribution/reference). Pure. */

export interface ImageReference {
  /** Host and port, such as `docker.io` or `localhost:5000`. */
  readonly registry: string;
  /** Path within the registry, `library/nginx`. */
  readonly repository: string;
  /** Tag or `sha256:…`: what stands behind /manifests/. */
  readonly version: string;
  readonly digest: string | null;
}

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const TAG = /^[\w][\w.-]{0,127}$/;
const PATH = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const HOST = /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)(?:\.[a-zA-Z0-9-]+)*(?::\d{1,5})?$/;

/** Null: not a reference. A bare name means Docker Hub, as in Compose. */
export function parseImageReference(text: string): ImageReference | null {
  if (text.length > 512) return null;
  const [named = "", digest, ...more] = text.split("@");
  if (more.length > 0 || (digest !== undefined && !DIGEST.test(digest))) return null;
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const tag = hasTag ? named.slice(colon + 1) : "latest";
  const name = hasTag ? named.slice(0, colon) : named;
  if (!TAG.test(tag)) return null;

  const slash = name.indexOf("/");
  const first = slash < 0 ? "" : name.slice(0, slash);
  const isHost = first.includes(".") || first.includes(":") || first === "localhost";
  const registry = isHost ? first : "docker.io";
  let repository = isHost ? name.slice(slash + 1) : name;
  if (registry === "docker.io" && !repository.includes("/")) repository = `library/${repository}`;
  if (!HOST.test(registry) || !PATH.test(repository)) return null;
  return { registry, repository, version: digest ?? tag, digest: digest ?? null };
}

/** The reference in full, as Podman stores and pulls it without asking what a short name means. */
export function fullReference(reference: ImageReference): string {
  const mark = reference.digest === null ? ":" : "@";
  return `${reference.registry}/${reference.repository}${mark}${reference.version}`;
}

/** Is it a registry on this machine? Those speak plain http, as Docker has it. */
export function isLoopback(registry: string): boolean {
  const host = registry.replace(/:\d+$/, "");
  return host === "localhost" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Names under a bare `localhost/` are images built on this node: no registry knows them. */
export function isLocalBuild(reference: ImageReference): boolean {
  return reference.registry === "localhost";
}
