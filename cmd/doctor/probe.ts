/** What all looks of `skerry doctor` do: run a program, read a file, find a program. */
import { messageOf } from "../../shared/errors.ts";
import type { RunCommand } from "../../shared/command.ts";

/** Standard output of a program, or the reason why there is none. */
export type Probe = (
  argv: readonly string[],
) => Promise<
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly reason: string }
>;

const WITHIN_MS = 10_000;

/** Programs that never fail loudly. */
export function createProbe(run: RunCommand): Probe {
  return async (argv) => {
    try {
      const { code, stdout, stderr } = await run(argv, { timeoutMs: WITHIN_MS });
      if (code === 0) return { ok: true, text: stdout.trim() };
      return { ok: false, reason: stderr.trim().split("\n")[0] || `exit ${code}` };
    } catch (thrown) {
      return { ok: false, reason: messageOf(thrown) };
    }
  };
}

/** The text of a file; empty where it cannot be read. */
export const textOf = (path: string): Promise<string> => Deno.readTextFile(path).catch(() => "");

/** Is anything there? */
export const there = (path: string): Promise<boolean> =>
  Deno.stat(path).then(() => true, () => false);

const FOLDERS = [
  "/usr/lib/podman",
  "/usr/libexec/podman",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
];

/** A program on the PATH, in the system's folders or Podman's. */
export async function findProgram(name: string, path: string): Promise<string | null> {
  for (const folder of new Set([...path.split(":").filter(Boolean), ...FOLDERS])) {
    const stat = await Deno.stat(`${folder}/${name}`).catch(() => null);
    if (stat?.isFile === true) return `${folder}/${name}`;
  }
  return null;
}

/** Names of the entries of a folder, sorted; none where it cannot be read. */
export async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) names.push(name);
  } catch {
    // Not there, or not ours to read.
  }
  return names.sort();
}
