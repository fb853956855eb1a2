/**
 * Logins for calls that may ask several registries: builds, and pulls through mirrors. Podman's API
 * takes one login in a header; of several it writes a file itself, on the disk. So they are laid
 * out where Podman looks without being told, in a tmpfs, for as long as such a call runs.
 */
import { statfs } from "node:fs/promises";
import { Buffer } from "node:buffer";
import type { RunCommand } from "../../../shared/command.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { KnownRegistries, RegistrySettings } from "./registries.ts";

/** statfs(2): the type of a tmpfs. */
const TMPFS_MAGIC = 0x01021994;
const TMPFS_OPTIONS = "size=8m,mode=0700,nosuid,nodev,noexec";

/** The file that Podman reads, below its XDG_RUNTIME_DIR. */
export function authFilePath(folder: string): string {
  return `${folder}/containers/auth.json`;
}

/** `auth.json` (containers-auth.json(5)); null: there is no login. Pure. */
export function renderAuthFile(registries: readonly RegistrySettings[]): string | null {
  const auths: Record<string, { readonly auth: string }> = {};
  for (const { host, login } of registries) {
    if (login === null) continue;
    auths[host] = {
      auth: Buffer.from(`${login.username}:${login.password}`).toString("base64"),
    };
  }
  return Object.keys(auths).length === 0 ? null : JSON.stringify({ auths });
}

export interface AuthFile {
  /** Lays the logins out, as they are now; they stay until everyone who holds them let go. */
  hold(): Promise<{ release(): Promise<void> }>;
}

export function createAuthFile(
  deps: {
    /** Podman's XDG_RUNTIME_DIR. */
    readonly folder: string;
    readonly registries: KnownRegistries;
    readonly run: RunCommand;
  },
): AuthFile {
  const { folder, run } = deps;
  const path = authFilePath(folder);
  let holders = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => undefined);
    return result;
  };
  const remove = () =>
    Deno.remove(path).catch((thrown) => {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    });

  const lay = async (): Promise<void> => {
    const content = renderAuthFile(deps.registries());
    if (content === null) return await remove();
    await ensureTmpfs(run, folder);
    await Deno.mkdir(`${folder}/containers`, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(`${path}.new`, content, { mode: 0o600 });
    await Deno.rename(`${path}.new`, path);
  };

  return {
    async hold() {
      await inTurn(lay);
      holders++;
      let held = true;
      return {
        async release() {
          if (!held) return;
          held = false;
          await inTurn(async () => {
            if (--holders === 0) await remove();
          });
        },
      };
    },
  };
}

async function ensureTmpfs(run: RunCommand, folder: string): Promise<void> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await statfs(folder)).type === TMPFS_MAGIC && await isMountPoint(folder)) return;
  const { code, stderr } = await run([
    ...["mount", "-t", "tmpfs", "-o", TMPFS_OPTIONS, "skerry-logins", folder],
  ]);
  if (code === 0) return;
  throw new SkerryError(
    "login_tmpfs",
    `cannot mount a tmpfs for registry logins on "${folder}": ${stderr.trim().slice(0, 300)}`,
    "Run the agent as root, with the right to mount.",
  );
}

/** One that is merely below a tmpfs, such as /run, is not of a size and mode of its own. */
async function isMountPoint(folder: string): Promise<boolean> {
  const [own, parent] = await Promise.all([Deno.stat(folder), Deno.stat(`${folder}/..`)]);
  return own.dev !== parent.dev;
}
