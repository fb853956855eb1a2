/** The files of a git address, fetched without their history into a folder of their own. */
import { isAbsolute, join } from "node:path";
import { createRunCommand } from "../../shared/command.ts";
import { type GitAddress, readGitAddress } from "../../shared/compose/git_address.ts";
import { SkerryError } from "../../shared/errors.ts";
import { printable } from "../terminal.ts";
import { isWithin } from "../../shared/project/carried_files.ts";
import { unreadable } from "../../shared/project/folder.ts";

const TIMEOUT_MS = 15 * 60_000;

export interface GitContext extends AsyncDisposable {
  /** Top of the files; nothing outside it may be read. */
  readonly tree: string;
  /** The folder that is the context. */
  readonly context: string;
  /** Full id of the commit. */
  readonly commit: string;
  /** Whether there are submodules, which are not fetched. */
  readonly submodules: boolean;
}

function environment(top: string): Record<string, string> {
  return {
    // Nobody is there to answer: what needs a password has it from a helper or fails.
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    GIT_SSH_COMMAND: Deno.env.get("GIT_SSH_COMMAND") ?? "ssh -oBatchMode=yes",
    GIT_ALLOW_PROTOCOL: "http:https:ssh:git",
    // Called from a hook, these would be those of the caller's own repository.
    GIT_DIR: join(top, "git"),
    GIT_WORK_TREE: join(top, "tree"),
    GIT_INDEX_FILE: join(top, "git", "index"),
    GIT_OBJECT_DIRECTORY: join(top, "git", "objects"),
  };
}

async function fetchInto(top: string, address: GitAddress, signal: AbortSignal): Promise<string> {
  const run = createRunCommand();
  const options = { env: environment(top), signal, timeoutMs: TIMEOUT_MS };
  const git = async (...args: string[]): Promise<string> => {
    const safe = ["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"];
    const { code, stdout, stderr } = await run(["git", ...safe, ...args], options);
    if (code === 0) return stdout.trim();
    throw new SkerryError(
      "git_failed",
      `cannot fetch "${address.ref}" of "${address.url}": ${
        printable(stderr.trim().slice(0, 1000))
      }`,
      "see that the address, branch, tag or full commit id is right and that " +
        `"git ls-remote ${address.url}" works without a question`,
    );
  };
  await Deno.mkdir(join(top, "tree"));
  await git("init", "-q");
  const shallow = ["--depth=1", "--no-tags", "--no-recurse-submodules"];
  await git("fetch", "-q", ...shallow, "--", address.url, address.ref);
  const commit = await git("rev-parse", "--verify", "FETCH_HEAD^{commit}");
  await git("-c", "advice.detachedHead=false", "checkout", "-q", "--force", commit);
  return commit;
}

/** A path of the repository with its links followed; throws where it is missing or leads out. */
async function insideTree(tree: string, path: string, shown: string): Promise<string> {
  const real = await Deno.realPath(path).catch((cause: unknown) => {
    throw unreadable(shown, cause);
  });
  if (isWithin(tree, real)) return real;
  throw new SkerryError(
    "outside_repository",
    `"${shown}" leads out of the git repository`,
    "name something that is in the repository",
  );
}

/** Throws where what is read before the build, links followed, would be a file of this machine. */
export async function checkLinks(
  tree: string,
  context: string,
  dockerfile: string | undefined,
): Promise<void> {
  const ignores = [".dockerignore"];
  if (dockerfile !== undefined && !isAbsolute(dockerfile)) {
    await insideTree(tree, join(context, dockerfile), dockerfile);
    ignores.push(`${dockerfile}.dockerignore`);
  }
  for (const name of ignores) {
    const path = join(context, name);
    const there = await Deno.lstat(path).then(() => true, () => false);
    if (there) await insideTree(tree, path, name);
  }
}

/** Fetches what a build's context names; dispose of it once it is built. */
export async function fetchGitContext(text: string, signal: AbortSignal): Promise<GitContext> {
  const reading = readGitAddress(text);
  if (reading.kind !== "git") throw new Error(`the context "${text}" was not checked before`);
  const { address } = reading;
  const top = await Deno.realPath(await Deno.makeTempDir({ prefix: "skerry-git-" }));
  const remove = () => Deno.remove(top, { recursive: true });
  try {
    const commit = await fetchInto(top, address, signal);
    const tree = join(top, "tree");
    const context = await insideTree(tree, join(tree, address.folder), address.folder);
    const submodules = await Deno.lstat(join(tree, ".gitmodules")).then(() => true, () => false);
    return { tree, context, commit, submodules, [Symbol.asyncDispose]: remove };
  } catch (thrown) {
    await remove();
    throw thrown;
  }
}
