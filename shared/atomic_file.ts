/** Writing a file so that a reader, or a power cut, finds the old content or the new one, nothing else. */
import { dirname } from "node:path";

/**
 * Writes beside the target (or in `tempDir`, which must be on the same file system), syncs and
 * renames. The temporary name is made from the target's name and the process id.
 */
export async function writeFileAtomically(
  path: string,
  content: string | Uint8Array,
  mode: number,
  tempDir: string = dirname(path),
): Promise<void> {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const name = path.slice(path.lastIndexOf("/") + 1);
  const temporary = `${tempDir}/.${name}.${Deno.pid}-${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, createNew: true, mode });
      for (let at = 0; at < bytes.length;) at += await file.write(bytes.subarray(at));
      await file.sync();
    }
    await Deno.rename(temporary, path);
  } catch (thrown) {
    await Deno.remove(temporary).catch(() => {});
    throw thrown;
  }
  await syncFolder(dirname(path));
}

/** Makes renames and removals in a folder lasting. */
export async function syncFolder(path: string): Promise<void> {
  using folder = await Deno.open(path, { read: true });
  await folder.sync();
}

/** A file's text, or null where there is none. */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(path);
  } catch (thrown) {
    if (thrown instanceof Deno.errors.NotFound) return null;
    throw thrown;
  }
}
