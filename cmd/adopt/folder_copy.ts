/**
 * Copies a volume's folder with all that a file system holds: owners, modes, times, extended
 * attributes, hard links, holes, names of any bytes. GNU cp and tar do that right; nothing here
 * looks at a name.
 */
import { createHash } from "node:crypto";
import { SkerryError } from "../../shared/errors.ts";

/** The program's output, part by part; throws where it fails. */
async function output(
  argv: readonly string[],
  doing: string,
  signal: AbortSignal,
  take: (part: Uint8Array) => void,
): Promise<void> {
  const [program = "", ...args] = argv;
  const child = new Deno.Command(program, {
    args,
    env: { LC_ALL: "C" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    signal,
  }).spawn();
  const complaints = new Response(child.stderr).text();
  for await (const part of child.stdout) take(part);
  const { success } = await child.status;
  const said = (await complaints).trim();
  signal.throwIfAborted();
  if (success) return;
  throw new SkerryError("copy_failed", `${doing}: ${said.slice(-500)}`);
}

/** What is in a folder, as one hash over its tar, and how many entries there are. */
export interface FolderDigest {
  readonly digest: string;
  readonly entries: number;
}

/** Two folders with equal digests hold the same, but for sockets, which are nothing without their process. */
export async function folderDigest(folder: string, signal: AbortSignal): Promise<FolderDigest> {
  const hash = createHash("sha256");
  const tar = [
    ...["tar", "--create", "--directory", folder, "--sort=name", "--format=posix"],
    "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
    ...["--numeric-owner", "--acls", "--xattrs", "--xattrs-exclude=security.selinux"],
    ...["--warning=no-file-ignored", "--file=-", "."],
  ];
  await output(tar, `reading all of "${folder}"`, signal, (part) => hash.update(part));
  let entries = 0;
  const find = ["find", folder, "-mindepth", "1", "!", "-type", "s", "-printf", "x"];
  await output(find, `counting "${folder}"`, signal, (part) => {
    entries += part.length;
  });
  return { digest: `sha256:${hash.digest("hex")}`, entries };
}

/** Bytes on disk; null: it cannot be read. */
export async function folderSize(
  folder: string,
  signal: AbortSignal,
): Promise<{ readonly bytes: number; readonly files: number } | null> {
  const bytes = await summed(["du", "-s", "-B1", folder], folder, signal);
  const files = await summed(["du", "-s", "--inodes", folder], folder, signal);
  return bytes === null || files === null ? null : { bytes, files };
}

async function summed(
  argv: [string, ...string[]],
  folder: string,
  signal: AbortSignal,
): Promise<number | null> {
  let text = "";
  const decoder = new TextDecoder();
  try {
    await output(argv, `measuring "${folder}"`, signal, (part) => {
      text += decoder.decode(part, { stream: true });
    });
  } catch (thrown) {
    if (!(thrown instanceof SkerryError)) throw thrown;
    return null;
  }
  const sum = Number(/^\d+/.exec(text)?.[0]);
  return Number.isSafeInteger(sum) ? sum : null;
}

/** Copies `from` into the empty folder `to` and has it on the disk. */
export async function copyFolder(from: string, to: string, signal: AbortSignal): Promise<void> {
  const doing = `copying "${from}" to "${to}"`;
  const cp = ["cp", "--archive", "--reflink=auto", "--sparse=always", "--no-target-directory"];
  await output([...cp, "--", from, to], doing, signal, () => undefined);
  await output(["sync", "--file-system", to], doing, signal, () => undefined);
}
