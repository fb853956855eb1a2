/** Where Traefik is on this machine, and whether it is young enough. */
import { SkerryError } from "../../../shared/errors.ts";

/** Older ones let encoded dots pass a route (CVE-2026-40912, 48020). */
export const MINIMUM_VERSION = "3.7.3";
/** Where set-up puts it. */
export const INSTALLED_PATH = "/usr/local/lib/skerry/traefik";

export interface FoundTraefik {
  readonly path: string;
  readonly version: string;
}

export interface FindDeps {
  readonly env: (name: string) => string | undefined;
  /** Is there a file that may be run? */
  readonly isProgram: (path: string) => Promise<boolean>;
  /** Standard output of `PATH version`; rejects where it cannot be run. */
  readonly versionText: (path: string) => Promise<string>;
}

/** The finder's view of this machine. */
export const hostFindDeps: FindDeps = {
  env: (name) => Deno.env.get(name),
  async isProgram(path) {
    try {
      const stat = await Deno.stat(path);
      return stat.isFile && ((stat.mode ?? 0) & 0o111) !== 0;
    } catch {
      return false;
    }
  },
  async versionText(path) {
    const command = new Deno.Command(path, {
      args: ["version"],
      clearEnv: true,
      stdin: "null",
      stderr: "null",
    });
    return new TextDecoder().decode((await command.output()).stdout);
  },
};

const REMEDY = `Put the release binary of Traefik ${MINIMUM_VERSION} or newer at ` +
  `${INSTALLED_PATH} (or anywhere on PATH, or name it in SKERRY_TRAEFIK).`;

/**
 * The path, without running it: SKERRY_TRAEFIK, else `traefik` on PATH, else the place of set-up.
 * Error `traefik_missing`.
 */
export async function locateTraefik(deps: FindDeps = hostFindDeps): Promise<string> {
  const named = deps.env("SKERRY_TRAEFIK");
  if (named !== undefined && named !== "") {
    if (await deps.isProgram(named)) return named;
    throw new SkerryError(
      "traefik_missing",
      `SKERRY_TRAEFIK names "${named}", which is no program`,
      "Set it to the path of the Traefik binary, or unset it.",
    );
  }
  const folders = (deps.env("PATH") ?? "").split(":").filter((folder) => folder.startsWith("/"));
  for (const path of [...folders.map((folder) => `${folder}/traefik`), INSTALLED_PATH]) {
    if (await deps.isProgram(path)) return path;
  }
  throw new SkerryError("traefik_missing", "Traefik, the ingress, is not installed", REMEDY);
}

/** The path and version. Errors: `traefik_missing`, `traefik_broken`, `traefik_too_old`. */
export async function findTraefik(deps: FindDeps = hostFindDeps): Promise<FoundTraefik> {
  const path = await locateTraefik(deps);
  const text = await deps.versionText(path).catch(() => "");
  const version = parseVersion(text);
  if (version === null) {
    throw new SkerryError(
      "traefik_broken",
      `"${path}" does not say that it is Traefik`,
      REMEDY,
    );
  }
  if (isOlder(version, MINIMUM_VERSION)) {
    throw new SkerryError(
      "traefik_too_old",
      `Traefik at "${path}" is ${version}, which has known holes`,
      REMEDY,
    );
  }
  return { path, version };
}

/** `3.7.13` from the output of `traefik version`; null: not there. */
export function parseVersion(text: string): string | null {
  return /^Version:\s+v?(\d+\.\d+\.\d+)/m.exec(text)?.[1] ?? null;
}

/** Compares dotted numbers. */
export function isOlder(version: string, than: string): boolean {
  const left = version.split(".").map(Number);
  const right = than.split(".").map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}
