/** Files and bytes of a folder. */

export interface TreeSize {
  readonly files: number;
  readonly kib: number;
}

/** Folders count as files too; what vanishes meanwhile is left out. Links are not followed. */
export async function treeSize(folder: string): Promise<TreeSize> {
  let files = 0;
  let bytes = 0;
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    try {
      for await (const entry of Deno.readDir(next)) {
        files += 1;
        const path = `${next}/${entry.name}`;
        if (entry.isDirectory) folders.push(path);
        else if (entry.isFile) bytes += (await Deno.lstat(path).catch(() => null))?.size ?? 0;
      }
    } catch (thrown) {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
  return { files, kib: Math.round(bytes / 1024) };
}
