/**
 * Compose files to one tree: each interpolated, with what it includes and extends, over those before
 * it.
 */
import { withExtends } from "./extends.ts";
import { withIncludes } from "./include.ts";
import { interpolateTree } from "./interpolate.ts";
import { mergeTrees } from "./merge.ts";
import type { Scope, SourceFile, Sources } from "./source_file.ts";
import type { MapNode } from "./tree.ts";

/** The tree of files in their order, of which there is one at least. */
export function loadFiles(
  sources: Sources,
  files: readonly SourceFile[],
  scope: Scope,
): MapNode {
  return files.map((file) => loadFile(sources, file, scope))
    .reduce((base, over) => mergeTrees(base, over, "", sources.problems));
}

function loadFile(sources: Sources, file: SourceFile, scope: Scope): MapNode {
  sources.directories.set(file.path, scope.directory);
  const interpolated = interpolateTree(file.tree, scope.lookup, sources.problems);
  const inner = { ...scope, chain: [...scope.chain, file.path] };
  const included = withIncludes(sources, interpolated, inner, loadFiles);
  return withExtends(sources, included, file.path, scope);
}
