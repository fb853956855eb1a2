/** `include`: the services and all else of other projects' files, under what the including file has. */
import { posix } from "node:path";
import { childPath } from "./key_path.ts";
import { mergeTrees } from "./merge.ts";
import { type Place, quoted } from "./problem.ts";
import { describeNode } from "./scalars.ts";
import { openNamed, pathIn, type Scope, type SourceFile, type Sources } from "./source_file.ts";
import { type Entry, type MapNode, type Node, valueKey } from "./tree.ts";
import { variablesOf } from "./variables.ts";

/** Files that are read as one project of their own. */
interface Include {
  readonly at: Place;
  readonly paths: readonly string[];
  readonly projectDirectory: string | null;
  readonly envFiles: readonly string[];
}

type Load = (
  sources: Sources,
  files: readonly SourceFile[],
  scope: Scope,
) => MapNode;

const RESOURCES = ["services", "volumes", "networks", "secrets", "configs"];
/** Files within files within files: nobody means that many. */
const MAX_CHAIN = 32;

/** The file's tree with what it includes in it. Faults are told. */
export function withIncludes(
  sources: Sources,
  tree: MapNode,
  scope: Scope,
  load: Load,
): MapNode {
  const include = tree.entries.get("include");
  if (include === undefined) return tree;
  const entries = new Map(tree.entries);
  entries.delete("include");
  let merged: MapNode = { ...tree, entries };
  for (const each of includesOf(sources, include)) {
    const other = loadInclude(sources, each, scope, load);
    if (other !== null) merged = withResources(sources, merged, other);
  }
  return merged;
}

function includesOf(sources: Sources, { value, keyAt }: Entry): Include[] {
  const { problems } = sources;
  if (value.kind !== "list") {
    problems.report(keyAt, "type", '"include" is to be a list', "write - FILE below it");
    return [];
  }
  return value.items.flatMap((item): Include[] => {
    const include = includeOf(sources, item);
    if (include !== null) return [include];
    problems.report(
      item.at,
      "include",
      `${describeNode(item)} names no file to include`,
      "write a path, or path, project_directory and env_file",
    );
    return [];
  });
}

function textsOf(node: Node | undefined): string[] {
  if (node === undefined) return [];
  return (node.kind === "list" ? node.items : [node]).flatMap((item) =>
    item.kind === "scalar" && typeof item.value === "string" && item.value !== ""
      ? [item.value]
      : []
  );
}

function includeOf(sources: Sources, item: Node): Include | null {
  if (item.kind !== "map") {
    const paths = textsOf(item);
    return item.kind === "list" || paths.length === 0
      ? null
      : { at: item.at, paths, projectDirectory: null, envFiles: [] };
  }
  for (const [key, { keyAt }] of item.entries) {
    if (["path", "project_directory", "env_file"].includes(key) || key.startsWith("x-")) continue;
    sources.problems.report(
      keyAt,
      "unknown-key",
      `unknown key ${quoted(key)}`,
      "write path, project_directory or env_file",
    );
  }
  const paths = textsOf(item.entries.get("path")?.value);
  const [projectDirectory = null] = textsOf(item.entries.get("project_directory")?.value);
  const envFiles = textsOf(item.entries.get("env_file")?.value);
  return paths.length === 0 ? null : { at: item.at, paths, projectDirectory, envFiles };
}

function loadInclude(
  sources: Sources,
  include: Include,
  scope: Scope,
  load: Load,
): MapNode | null {
  const paths = include.paths.map((path) => pathIn(scope, path));
  const [first = scope.directory] = paths;
  if (scope.chain.includes(first) || scope.chain.length > MAX_CHAIN) {
    const circle = [...scope.chain.slice(scope.chain.indexOf(first)), first].map(quoted);
    sources.problems.report(
      include.at,
      "include",
      `these files include each other: ${circle.join(" → ")}`,
      "remove one of these includes",
    );
    return null;
  }
  const directory = include.projectDirectory === null
    ? posix.dirname(first)
    : pathIn(scope, include.projectDirectory);
  const files = paths.map((path) => openNamed(sources, include.at, path, directory));
  if (files.includes(null)) return null;
  const variables = include.envFiles.length > 0
    ? { paths: include.envFiles.map((path) => pathIn(scope, path)), required: true }
    : { paths: [posix.join(directory, ".env")], required: false };
  const lookup = variablesOf(scope.lookup, variables, sources.readFile, sources.problems);
  return load(sources, files.filter((file) => file !== null), {
    directory,
    lookup,
    chain: scope.chain,
  });
}

/** What both have is merged, the including file over the included one. */
function withResources(sources: Sources, tree: MapNode, other: MapNode): MapNode {
  const entries = new Map(tree.entries);
  for (const key of RESOURCES) {
    const theirs = other.entries.get(key);
    if (theirs?.value.kind !== "map") continue;
    const ours = entries.get(key);
    const own = ours?.value.kind === "map" ? ours.value.entries : new Map<string, Entry>();
    const all = new Map(own);
    for (const [name, entry] of theirs.value.entries) {
      const mine = own.get(name);
      if (mine === undefined) all.set(name, entry);
      else if (valueKey(mine.value) !== valueKey(entry.value)) {
        all.set(name, { ...mine, value: merged(sources, entry.value, mine.value, key) });
      }
    }
    const at = ours?.value.at ?? theirs.value.at;
    entries.set(key, {
      keyAt: ours?.keyAt ?? theirs.keyAt,
      value: { kind: "map", at, entries: all },
    });
  }
  return { ...tree, entries };
}

function merged(sources: Sources, base: Node, over: Node, key: string): Node {
  if (base.kind !== "map" || over.kind !== "map") return over.kind === "map" ? over : base;
  return mergeTrees(base, over, childPath(key, "*"), sources.problems);
}
