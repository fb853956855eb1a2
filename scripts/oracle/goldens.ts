/** Whether the recorded answers to the reader's goldens are still what compose-go says. */
import { isDeepStrictEqual } from "node:util";

const FOLDER = new URL("../../shared/compose/testdata/", import.meta.url).pathname;

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Records in a copy and names what comes out otherwise; golden_test.ts compares ours with the recorded. */
export async function changedGoldens(program: string): Promise<string[]> {
  const root = await Deno.makeTempDir();
  try {
    const copy = `${root}/testdata`;
    await copyFolder(FOLDER, copy);
    const done = await new Deno.Command(`${copy}/record.sh`, { args: [program] }).output();
    const decoder = new TextDecoder();
    const said = decoder.decode(done.stdout) + decoder.decode(done.stderr);
    const changed = said.split("\n").filter((line) => line !== "");
    for (const folder of ["goldens", "stacks"]) {
      for await (const { name } of Deno.readDir(`${FOLDER}/${folder}`)) {
        if (!name.endsWith(".json")) continue;
        const [recorded, now] = await Promise.all(
          [FOLDER, `${copy}/`].map(async (from): Promise<unknown> =>
            JSON.parse(await Deno.readTextFile(`${from}${folder}/${name}`).catch(() => "null"))
          ),
        );
        if (!isDeepStrictEqual(recorded, now)) changed.push(`${folder}/${name}`);
      }
    }
    return changed;
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}
