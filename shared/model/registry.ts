/** What is known of an image registry, beside its images. Pure. */
import { z } from "zod";

/** Docker Hub answers under several names; references know it by this one. */
export const DOCKER_HUB = "docker.io";
const HUB_ALIASES: ReadonlySet<string> = new Set([
  DOCKER_HUB,
  "index.docker.io",
  "registry-1.docker.io",
  "registry.hub.docker.com",
]);

const LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
const HOST = new RegExp(`^${LABEL}(?:\\.${LABEL})*(?::\\d{1,5})?$`);
const PATH = /^(?:\/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*$/;

/** `host[:port]`, in lower case and with one name for Docker Hub; null: it is none. */
export function registryHost(text: string): string | null {
  const host = text.toLowerCase();
  if (HUB_ALIASES.has(host)) return DOCKER_HUB;
  const port = Number(host.split(":")[1] ?? "1");
  return host.length <= 255 && HOST.test(host) && port >= 1 && port <= 65_535 ? host : null;
}

/** `host[:port][/path]`, the host as {@link registryHost} gives it; null: it is none. */
export function mirrorLocation(text: string): string | null {
  const slash = text.indexOf("/");
  const host = registryHost(slash < 0 ? text : text.slice(0, slash));
  const path = slash < 0 ? "" : text.slice(slash).replace(/\/+$/, "");
  return host !== null && path.length <= 255 && PATH.test(path) ? `${host}${path}` : null;
}

/** The host of a mirror. */
export function mirrorHost(location: string): string {
  return location.split("/")[0] ?? location;
}

export const RegistryHost = z.string().refine(
  (text) => registryHost(text) === text,
  "write HOST or HOST:PORT in lower case, such as registry.plant.lan:5000",
);
export const MirrorLocation = z.string().refine(
  (text) => mirrorLocation(text) === text,
  "write HOST[:PORT][/PATH] in lower case, such as cache.plant.lan:5000/hub",
);

/** Who the box is to a registry. */
export const RegistryLogin = z.strictObject({
  username: z.string().min(1).max(255).refine(
    (name) => !/[:\p{Cc}]/u.test(name),
    "no colon and no control characters",
  ),
  password: z.string().min(1).max(65_536),
});
export type RegistryLogin = z.infer<typeof RegistryLogin>;

/** The most mirrors of one registry. */
export const MAX_MIRRORS = 16;
