/** Looks for a password where none may be: in files, and in the arguments of whatever runs. */
import { Buffer } from "node:buffer";

/** The shapes in which a login's password gets into files and headers. */
export function shapesOf(username: string, password: string): readonly string[] {
  const basic = `${username}:${password}`;
  const json = JSON.stringify({ username, password });
  return [
    password,
    ...[password, basic, json].flatMap((text) => [
      Buffer.from(text).toString("base64").replace(/=+$/, ""),
      Buffer.from(text).toString("base64url"),
      Buffer.from(text).toString("hex"),
    ]),
  ];
}

/** Paths of the regular files below the folders that hold one of these texts. */
export async function filesWith(
  folders: readonly string[],
  texts: readonly string[],
): Promise<string[]> {
  const wanted = texts.map((text) => Buffer.from(text));
  const found: string[] = [];
  const read = async (folder: string) => {
    for await (const entry of Deno.readDir(folder)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory) await read(path);
      else if (entry.isFile) {
        // A file may go while it is looked for.
        const content = Buffer.from(await Deno.readFile(path).catch(() => new Uint8Array()));
        if (wanted.some((text) => content.includes(text))) found.push(path);
      }
    }
  };
  for (const folder of folders) await read(folder);
  return found;
}

/** Reads the arguments and environment of all processes, over and over, while work goes on. */
export async function programsWith<T>(
  texts: readonly string[],
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly looks: number; readonly found: readonly string[] }> {
  const found = new Set<string>();
  const end = new AbortController();
  let looks = 0;
  const look = async () => {
    while (!end.signal.aborted) {
      for await (const { name } of Deno.readDir("/proc")) {
        if (!/^\d+$/.test(name)) continue;
        for (const what of ["cmdline", "environ"]) {
          const text = await Deno.readTextFile(`/proc/${name}/${what}`).catch(() => "");
          if (texts.some((each) => text.includes(each))) found.add(text.replaceAll("\0", " "));
        }
      }
      looks++;
    }
  };
  const looking = look();
  try {
    return { result: await work(), looks, found: [...found] };
  } finally {
    end.abort();
    await looking;
  }
}
