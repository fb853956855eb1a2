/** The project's own TypeScript files, with what they import. */

export interface Source {
  /** Relative to the project's folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** Folders that hold sources. */
export const SOURCE_FOLDERS = ["agent", "cmd", "control", "scripts", "shared", "ui"] as const;

/** All sources below a project's folder, sorted by path; testdata is left out. */
export async function readSources(root: string): Promise<Source[]> {
  const sources: Source[] = [];
  async function walk(folder: string): Promise<void> {
    for await (const entry of Deno.readDir(`${root}/${folder}`)) {
      const path = `${folder}/${entry.name}`;
      if (entry.isDirectory && entry.name !== "testdata" && entry.name !== "node_modules") {
        await walk(path);
      } else if (entry.isFile && /\.tsx?$/.test(entry.name)) {
        sources.push({ path, text: await Deno.readTextFile(`${root}/${path}`) });
      }
    }
  }
  for (const folder of SOURCE_FOLDERS) {
    const there = await Deno.stat(`${root}/${folder}`).catch(() => null);
    if (there !== null) await walk(folder);
  }
  return sources.sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** Comments and the contents of strings blanked out, lines kept, so that words in them count for nothing. */
export function codeOnly(text: string): string {
  const blank = (part: string) => part.replaceAll(/[^\n]/g, " ");
  return text.replaceAll(
    /\/\*[^]*?\*\/|\/\/[^\n]*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[^])*`/g,
    (part) => part.startsWith("`") ? templateCode(part) : blank(part),
  );
}

/** Of a template the embedded expressions are code. */
function templateCode(part: string): string {
  return part.split(/(\$\{[^}]*\})/).map((piece) =>
    piece.startsWith("${") ? piece : piece.replaceAll(/[^\n]/g, " ")
  ).join("");
}

/** Paths of the project that a source imports, statically, dynamically or as a Worker. */
export function ownImports(source: Source): string[] {
  const found = new Set<string>();
  const text = source.text.replaceAll(/\/\*[^]*?\*\/|^\s*\/\/[^\n]*/gm, "");
  const pattern =
    /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"|new URL\(\s*"(\.{1,2}\/[^"]+\.tsx?)"/g;
  for (const match of text.matchAll(pattern)) {
    found.add(resolveFrom(source.path, match[1] ?? match[2] ?? ""));
  }
  return [...found].sort();
}

function resolveFrom(path: string, specifier: string): string {
  const parts = path.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
