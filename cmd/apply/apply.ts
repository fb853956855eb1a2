/** The way of an apply on this side: files, builds, secrets, then one release. */
import type { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import type {
  BuiltImage,
  PlanAnswer,
  ReleaseAccepted,
  ReleaseRequest,
} from "../../shared/api/release.ts";
import { isGitContext } from "../../shared/compose/git_address.ts";
import type { ComposeBuild } from "../../shared/compose/model.ts";
import { SkerryError } from "../../shared/errors.ts";
import { blobContent, type CarriedFiles } from "../../shared/project/carried_files.ts";
import { planRequest, type Prepared } from "../../shared/project/prepare.ts";
import type { Cli } from "../cli.ts";
import { printable } from "../terminal.ts";
import { ownValue } from "../../shared/own_value.ts";

const RELEASE_TRIES = 5;

/** Asks what a release would change. */
export async function planOf(
  api: ApiClient,
  prepared: Prepared,
  pull: boolean,
): Promise<z.infer<typeof PlanAnswer>> {
  return await api.plan(prepared.project, planRequest(prepared, pull));
}

/** A build whose context is a folder of this machine: that of a git address is fetched first. */
async function localBuild(
  cli: Cli,
  service: string,
  build: ComposeBuild,
): Promise<{ readonly build: ComposeBuild } & AsyncDisposable> {
  if (!isGitContext(build.context)) return { build, [Symbol.asyncDispose]: async () => {} };
  const { checkLinks, fetchGitContext } = await import("./git_context.ts");
  const { terminal, signal } = cli.host;
  terminal.err(`fetching ${printable(build.context)}\n`);
  const git = await fetchGitContext(build.context, signal);
  try {
    terminal.err(`  ${service} is built from commit ${git.commit}\n`);
    if (git.submodules) terminal.err("  note: its submodules are not fetched\n");
    await checkLinks(git.tree, git.context, build.dockerfile);
    return {
      build: { ...build, context: git.context },
      [Symbol.asyncDispose]: () => git[Symbol.asyncDispose](),
    };
  } catch (thrown) {
    await git[Symbol.asyncDispose]();
    throw thrown;
  }
}

/**
 * Builds what has a `build:`, one after the other, with the builder's own words as progress, and
 * gives the project with the images that came out.
 */
export async function buildImages(
  cli: Cli,
  api: ApiClient,
  prepared: Prepared,
  options: { readonly pull: boolean; readonly noCache: boolean },
): Promise<Prepared> {
  const builds: Record<string, BuiltImage> = {};
  const { terminal, signal } = cli.host;
  for (const [service, { build }] of Object.entries(prepared.model.services)) {
    if (build === undefined) continue;
    const { buildContext, buildSettings } = await import("./build_context.ts");
    await using fetched = await localBuild(cli, service, build);
    const context = await buildContext(fetched.build);
    const digest = await context.digest();
    const anew = build.no_cache === true || options.noCache || build.pull === true || options.pull;
    const before = anew ? null : await api.builtImage(prepared.project, service, digest);
    if (before !== null) {
      builds[service] = before;
      continue;
    }
    terminal.err(`building ${service}\n`);
    const query = {
      digest,
      dockerfile: context.dockerfile,
      ...(build.target === undefined ? {} : { target: build.target }),
      ...(build.args === undefined ? {} : { args: JSON.stringify(build.args) }),
      settings: JSON.stringify(buildSettings(build)),
      ...(build.no_cache === true || options.noCache ? { noCache: "true" as const } : {}),
      ...(build.pull === true || options.pull ? { pull: "true" as const } : {}),
    };
    for await (const event of api.build(prepared.project, service, query, context.tar, signal)) {
      if (event.type === "done") builds[service] = event.image;
      else if (event.line.trim() !== "") terminal.err(`  ${printable(event.line.trimEnd())}\n`);
    }
    if (ownValue(builds, service) === undefined) {
      throw new SkerryError(
        "build_ended",
        `the build of "${service}" ended without an image`,
        "look at what it wrote above, and apply again",
      );
    }
  }
  return { ...prepared, part: { ...prepared.part, builds } };
}

/** Hands over the files that the control plane lacks. */
export async function uploadBlobs(
  cli: Cli,
  api: ApiClient,
  missing: z.infer<typeof PlanAnswer>["missingBlobs"],
  carried: CarriedFiles,
): Promise<void> {
  if (missing.length === 0) return;
  cli.host.terminal.err(`sending ${missing.length} ${missing.length === 1 ? "file" : "files"}\n`);
  for (const hash of missing) await api.putBlob(hash, await blobContent(hash, carried.blobs));
}

/** Makes the release; a control plane that is gone for a moment is asked again, once in effect. */
export async function release(
  cli: Cli,
  api: ApiClient,
  project: string,
  request: z.infer<typeof ReleaseRequest>,
): Promise<z.infer<typeof ReleaseAccepted>> {
  const key = crypto.randomUUID();
  for (let tries = 1;; tries++) {
    try {
      return await api.createRelease(project, request, key);
    } catch (thrown) {
      const gone = thrown instanceof SkerryError && thrown.code === "control_unreachable";
      if (!gone || tries === RELEASE_TRIES || cli.host.signal.aborted) throw thrown;
      await cli.host.clock.sleep(1000, cli.host.signal);
    }
  }
}
