/** The bytes of the files that lie directly in some folders; what is not there takes none. */
export async function folderBytes(folders: readonly string[]): Promise<number> {
  let total = 0;
  for (const folder of folders) {
    try {
      for await (const entry of Deno.readDir(folder)) {
        if (entry.isFile) total += (await Deno.stat(`${folder}/${entry.name}`)).size;
      }
    } catch (thrown) {
      // A folder that was not made yet, or a file that went meanwhile.
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    }
  }
  return total;
}
