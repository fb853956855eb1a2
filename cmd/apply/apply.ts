/** The way of an apply on this side: files, builds, secrets, then one release. */
import type { z } from "zod";
import type { ApiClient } from "../../shared/api/client.ts";
import { LIMITS } from "../../shared/api/limits.ts";
import type {
  BuiltImage,
  ComposePart,
  PlanAnswer,
  PlanRequest,
  ReleaseAccepted,
  ReleaseRequest,
} from "../../shared/api/release.ts";
import { isGitContext } from "../../shared/compose/git_address.ts";
import type { ComposeBuild, ComposeModel } from "../../shared/compose/model.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Cli } from "../cli.ts";
import { printable } from "../terminal.ts";
import { blobContent, type CarriedFiles, collectFiles } from "./carried_files.ts";
import { unreadable } from "./folder.ts";
import type { ReadProject } from "./read_project.ts";

type Part = z.infer<typeof ComposePart>;
const RELEASE_TRIES = 5;

/** What was read and is ready to be planned or released. */
export interface Prepared {
  readonly project: string;
  readonly model: ComposeModel;
  readonly part: Part;
  readonly carried: CarriedFiles;
  readonly secretValues: Readonly<Record<string, string>>;
}

/** Configs that are a variable's value travel as content. */
export function inlineConfigs(
  model: ComposeModel,
  variable: ReadProject["variable"],
): ComposeModel {
  const configs = Object.entries(model.configs).map(([key, config]) => {
    if (config.environment === undefined) return [key, config] as const;
    return [key, { name: config.name, content: setValue(config.environment, variable) }] as const;
  });
  return { ...model, configs: Object.fromEntries(configs) };
}

function setValue(name: string, variable: ReadProject["variable"]): string {
  const value = variable(name);
  if (value !== undefined) return value;
  throw new Error(`the variable ${name} is not set, which was not checked before`);
}

/** Throws one error that names every secret and config whose variable is not set. */
function checkVariables({ model, variable }: ReadProject): void {
  const unset: string[] = [];
  const names = new Set<string>();
  for (const kind of ["secret", "config"] as const) {
    for (const [key, { environment }] of Object.entries(model[`${kind}s`])) {
      if (environment === undefined || variable(environment) !== undefined) continue;
      unset.push(`the ${kind} "${key}" is the variable ${environment}, which is not set`);
      names.add(environment);
    }
  }
  if (unset.length === 0) return;
  throw new SkerryError(
    "variable_not_set",
    unset.join("; "),
    `set ${[...names].join(" and ")} where you call skerry, or in .env`,
  );
}

async function secretValues({ model, variable }: ReadProject): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const [key, { file, environment }] of Object.entries(model.secrets)) {
    if (file !== undefined) values[key] = (await secretFile(file)).toBase64();
    if (environment === undefined) continue;
    values[key] = new TextEncoder().encode(setValue(environment, variable)).toBase64();
  }
  return values;
}

async function secretFile(path: string): Promise<Uint8Array> {
  const content = await Deno.readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (content.length <= LIMITS.secretBytes) return content;
  throw new SkerryError(
    "too_large",
    `the secret's file "${path}" is over ${LIMITS.secretBytes} bytes`,
    "a file of that size goes into a volume",
  );
}

/** Reads and hashes everything that an apply of this project carries. */
export async function prepare(read: ReadProject): Promise<Prepared> {
  checkVariables(read);
  const model = inlineConfigs(read.model, read.variable);
  const carried = await collectFiles(model, read.sourceFolder);
  return {
    project: model.name,
    model,
    carried,
    secretValues: await secretValues(read),
    part: {
      model,
      files: carried.files,
      builds: {},
      sourceFolder: read.sourceFolder,
    },
  };
}

/** Asks what a release would change. */
export async function planOf(
  api: ApiClient,
  prepared: Prepared,
  pull: boolean,
): Promise<z.infer<typeof PlanAnswer>> {
  const request: z.infer<typeof PlanRequest> = {
    parts: { compose: prepared.part },
    secretValues: prepared.secretValues,
    ...(pull ? { pull } : {}),
  };
  return await api.plan(prepared.project, request);
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
    if (builds[service] === undefined) {
      throw new SkerryError("build_ended", `the build of "${service}" ended without an image`);
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
