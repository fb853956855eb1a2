/** Lays out the files that a deployment mounts and that travelled as blobs, with their modes. */
import { dirname, join } from "node:path";
import type { Deployment } from "../../../shared/model/sections.ts";
import type { Mount } from "../../../shared/model/service_spec.ts";
import { SkerryError } from "../../../shared/errors.ts";

/** Beside the mounts, which have numbers. */
const HOOK_MARK = "hooks-done";

export interface MountedFiles {
  /** Writes what the deployment's `file` and `folder` mounts need; may be repeated. */
  layOut(deployment: Deployment): Promise<void>;
  source(deployment: string, index: number): string;
  /** Notes on disk for which start of the container its hooks are done. */
  markHooks(deployment: string, mark: string): Promise<void>;
  /** null: for none. */
  hookMark(deployment: string): Promise<string | null>;
  /** Removes what was laid out for a deployment whose container is gone. */
  remove(deployment: string): Promise<void>;
}

export function createMountedFiles(
  deps: { readonly folder: string; blobPath(sha256: string): string },
): MountedFiles {
  const { folder, blobPath } = deps;
  const source = (deployment: string, index: number) => join(folder, deployment, String(index));

  async function layOutMount(path: string, mount: Mount): Promise<void> {
    switch (mount.kind) {
      case "file":
        await place(blobPath(mount.sha256), path, mount.mode);
        await Deno.chown(path, mount.uid, mount.gid);
        return;
      case "folder":
        await Deno.mkdir(path, { recursive: true, mode: 0o755 });
        for (const entry of mount.entries) {
          if (entry.path.split("/").includes("..")) {
            throw new SkerryError("bad_path", `a mounted folder names the path "${entry.path}"`);
          }
          const target = join(path, entry.path);
          await Deno.mkdir(dirname(target), { recursive: true, mode: 0o755 });
          await place(blobPath(entry.sha256), target, entry.mode);
        }
        return;
      case "bind":
        if (mount.createHostPath) await Deno.mkdir(mount.source, { recursive: true });
        return;
      case "volume":
      case "tmpfs":
        return;
    }
  }

  return {
    async layOut(deployment) {
      await Deno.mkdir(join(folder, deployment.id), { recursive: true, mode: 0o700 });
      for (const [index, mount] of deployment.spec.mounts.entries()) {
        await layOutMount(source(deployment.id, index), mount);
      }
    },
    source,
    async markHooks(deployment, mark) {
      await Deno.mkdir(join(folder, deployment), { recursive: true, mode: 0o700 });
      await Deno.writeTextFile(join(folder, deployment, HOOK_MARK), mark);
    },
    hookMark: (deployment) =>
      Deno.readTextFile(join(folder, deployment, HOOK_MARK)).catch((thrown) => {
        if (thrown instanceof Deno.errors.NotFound) return null;
        throw thrown;
      }),
    async remove(deployment) {
      await Deno.remove(join(folder, deployment), { recursive: true }).catch((thrown) => {
        if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
      });
    },
  };
}

async function place(blob: string, target: string, mode: number): Promise<void> {
  await Deno.copyFile(blob, target);
  await Deno.chmod(target, mode);
}
