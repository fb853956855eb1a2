/** A build's context as a tar stream, without what .dockerignore leaves out. */
import ignore from "@balena/dockerignore";
import { createTarPacker } from "modern-tar";
import { createHash } from "node:crypto";
import { isAbsolute, join, relative } from "node:path";
import type { BuildSettings } from "../../shared/api/build.ts";
import { LIMITS } from "../../shared/api/limits.ts";
import type { ComposeBuild } from "../../shared/compose/model.ts";
import { Sha256 } from "../../shared/model/hash.ts";
import { SkerryError } from "../../shared/errors.ts";
import { isWithin } from "../../shared/project/carried_files.ts";
import { type FolderEntry, unreadable, walkFolder } from "../../shared/project/folder.ts";

/** The name that a Dockerfile from outside the context gets in the tar. */
const OUTSIDE_DOCKERFILE = ".skerry-dockerfile";
const MAX_IGNORE_BYTES = 1 << 20;

export interface BuildContext {
  readonly tar: ReadableStream<Uint8Array>;
  /** Path of the Dockerfile in the tar. */
  readonly dockerfile: string;
  /** SHA-256 over names, modes and contents, not over times: the same input gives the same. */
  digest(): Promise<Sha256>;
}

/** Which entries go along: `ignoreText` is the text of .dockerignore, `dockerfile` goes in any case. */
export function contextFilter(
  ignoreText: string,
  dockerfile: string,
): { readonly keep: (path: string) => boolean; readonly enter: (path: string) => boolean } {
  const rules = ignoreText.split(/\r?\n/).map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  if (rules.length === 0) return { keep: () => true, enter: () => true };
  const matcher = ignore.default({ ignorecase: false }).add(rules);
  const exceptions = rules.some((rule) => rule.startsWith("!"));
  const always = new Set([dockerfile, ".dockerignore"]);
  return {
    keep: (path) => always.has(path) || !matcher.ignores(path),
    // Below a folder that is left out an exception may bring something back.
    enter: (path) => exceptions || !matcher.ignores(path) || dockerfile.startsWith(`${path}/`),
  };
}

async function textOf(path: string): Promise<string | null> {
  try {
    const { size } = await Deno.stat(path);
    if (size > MAX_IGNORE_BYTES) {
      throw new SkerryError(
        "too_large",
        `"${path}" is over 1 MiB`,
        "shorten it: folders and patterns stand for many files",
      );
    }
    return await Deno.readTextFile(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return null;
    throw cause instanceof SkerryError ? cause : unreadable(path, cause);
  }
}

function limitWords(limits: NonNullable<ComposeBuild["ulimits"]>): string[] {
  return Object.entries(limits).map(([name, limit]) =>
    typeof limit === "number" ? `${name}=${limit}:${limit}` : `${name}=${limit.soft}:${limit.hard}`
  );
}

/** What of a build goes beside its files. */
export function buildSettings(build: ComposeBuild): BuildSettings {
  const { labels, tags, network, extra_hosts: hosts, shm_size: shm, ulimits } = build;
  return {
    ...(labels === undefined ? {} : { labels }),
    ...(tags === undefined ? {} : { tags }),
    ...(network === "none" ? { network } : {}),
    ...(hosts === undefined ? {} : { extraHosts: hosts.map((each) => each.replace("=", ":")) }),
    ...(shm === undefined ? {} : { shmBytes: Number(shm) }),
    ...(ulimits === undefined ? {} : { ulimits: limitWords(ulimits) }),
  };
}

/** The context of a build. Throws at once where folder or Dockerfile are missing. */
export async function buildContext(build: ComposeBuild): Promise<BuildContext> {
  const folder = await Deno.stat(build.context).catch((cause: unknown) => {
    throw unreadable(build.context, cause);
  });
  if (!folder.isDirectory) {
    throw new SkerryError(
      "not_a_folder",
      `the build context "${build.context}" is not a folder`,
      "name a folder in build.context, or put the file into one",
    );
  }
  const named = build.dockerfile ?? OUTSIDE_DOCKERFILE;
  const source = isAbsolute(named) ? named : join(build.context, named);
  const inline = build.dockerfile_inline === undefined
    ? null
    : new TextEncoder().encode(build.dockerfile_inline);
  if (inline === null) {
    await Deno.stat(source).catch((cause: unknown) => {
      throw unreadable(source, cause);
    });
  }
  const inside = inline === null && isWithin(build.context, source);
  const dockerfile = inside ? relative(build.context, source) : OUTSIDE_DOCKERFILE;
  const ignoreText = (inside ? await textOf(`${source}.dockerignore`) : null) ??
    await textOf(join(build.context, ".dockerignore")) ?? "";
  const { keep, enter } = contextFilter(ignoreText, dockerfile);
  const { readable, controller } = createTarPacker();

  async function* entries(): AsyncGenerator<FolderEntry> {
    for await (const entry of walkFolder(build.context, enter)) if (keep(entry.path)) yield entry;
    if (inside || inline !== null) return;
    const { size, mtime } = await Deno.stat(source);
    yield {
      path: OUTSIDE_DOCKERFILE,
      absolute: source,
      kind: "file",
      sizeBytes: size,
      mode: 0o644,
      modifiedAt: mtime,
    };
  }

  async function add(name: string, entry: FolderEntry): Promise<void> {
    const common = {
      mode: entry.mode,
      uid: 0,
      gid: 0,
      ...(entry.modifiedAt === null ? {} : { mtime: entry.modifiedAt }),
    };
    switch (entry.kind) {
      case "directory":
        await controller.add({ ...common, name: `${name}/`, type: "directory", size: 0 }).close();
        return;
      case "symlink": {
        const linkname = await Deno.readLink(entry.absolute);
        await controller.add({ ...common, name, type: "symlink", size: 0, linkname }).close();
        return;
      }
      case "file": {
        const body = controller.add({ ...common, name, type: "file", size: entry.sizeBytes });
        const file = await Deno.open(entry.absolute).catch((cause: unknown) => {
          throw unreadable(entry.absolute, cause);
        });
        await file.readable.pipeTo(body);
      }
    }
  }
  async function pack(): Promise<void> {
    let bytes = 0;
    for await (const entry of entries()) {
      if (entry.kind === "file") bytes += entry.sizeBytes;
      if (bytes > LIMITS.buildBytes) {
        throw new SkerryError(
          "too_large",
          `the build context "${build.context}" is over ${LIMITS.buildBytes} bytes`,
          "leave out in .dockerignore what the build does not need",
        );
      }
      await add(entry.path, entry);
    }
    if (inline !== null) {
      const header = { name: OUTSIDE_DOCKERFILE, type: "file", size: inline.length } as const;
      const body = controller.add({ ...header, mode: 0o644, uid: 0, gid: 0 }).getWriter();
      await body.write(inline);
      await body.close();
    }
    controller.finalize();
  }
  const own = buildSettings(build);
  const settings = {
    dockerfile,
    target: build.target,
    args: build.args,
    // Only what is there: builds of before keep their digest, and so their image.
    ...(build.dockerfile_inline === undefined ? {} : { inline: build.dockerfile_inline }),
    ...(Object.keys(own).length === 0 ? {} : { settings: own }),
  };
  return {
    get tar() {
      pack().catch((thrown: unknown) => controller.error(thrown));
      return readable;
    },
    dockerfile,
    digest: () => digestOf(entries(), settings),
  };
}

async function digestOf(entries: AsyncIterable<FolderEntry>, settings: unknown): Promise<Sha256> {
  const hash = createHash("sha256").update(JSON.stringify(settings));
  for await (const { path, kind, mode, absolute } of entries) {
    const content = kind === "directory"
      ? ""
      : kind === "symlink"
      ? await Deno.readLink(absolute)
      : await contentHash(absolute);
    hash.update(JSON.stringify([path, kind, mode, content]));
  }
  return Sha256.parse(hash.digest("hex"));
}

async function contentHash(path: string): Promise<string> {
  const file = await Deno.open(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  const hash = createHash("sha256");
  for await (const chunk of file.readable) hash.update(chunk);
  return hash.digest("hex");
}
