/** A node's intent as sections: pure, sorted, valid by schema, so that equal intent is equal bytes. */
import { canonicalJson, type Sha256, sha256 } from "../../shared/model/hash.ts";
import { Section } from "../../shared/model/sections.ts";
import type { SectionRef } from "../../shared/model/manifest.ts";
import { compileContainers } from "./containers/compile.ts";
import { compileFirewall } from "./firewall/compile.ts";
import { by, type NodeIntent } from "./intent.ts";
import { compileImages } from "./images/compile.ts";
import { compileNames } from "./names/compile.ts";
import { compileRegistries } from "./registries/compile.ts";
import { compileRoutes } from "./routes/compile.ts";
import { compileSecrets } from "./secrets/compile.ts";
import { compileVolumes } from "./volumes/compile.ts";

export interface CompiledSection {
  readonly ref: SectionRef;
  /** RFC 8785 text. */
  readonly content: string;
}

export interface CompiledNode {
  /** Sorted by section. */
  readonly sections: readonly CompiledSection[];
  /** Files that the sections name, sorted. */
  readonly files: readonly Sha256[];
}

function sectionsOf(intent: NodeIntent): Section[] {
  return [
    { capability: "node", ...intent.node },
    ...compileRegistries(intent),
    ...intent.projects.flatMap((project): Section[] => [
      compileContainers(intent, project),
      compileVolumes(project),
      compileSecrets(intent, project),
      compileNames(project),
      compileRoutes(project),
      compileFirewall(project),
      compileImages(project),
    ]),
  ];
}

/** All sections of a node. */
export function compileNode(intent: NodeIntent): CompiledNode {
  const sections = sectionsOf(intent).map((section): CompiledSection => {
    const content = canonicalJson(Section.parse(section));
    return {
      ref: {
        section: "project" in section
          ? `${section.capability}/${section.project}`
          : section.capability,
        // What an agent that does not know it does is no worse than before there was one.
        critical: section.capability !== "images",
        sha256: sha256(content),
        sizeBytes: new TextEncoder().encode(content).length,
      },
      content,
    };
  }).sort(by((each) => each.ref.section));
  const files = new Set<Sha256>();
  for (const project of intent.projects) {
    for (const { row, revision } of project.deployments) {
      if (row.want === "absent") continue;
      for (const mount of revision.spec.mounts) {
        if (mount.kind === "file") files.add(mount.sha256);
        if (mount.kind === "folder") { for (const each of mount.entries) files.add(each.sha256); }
      }
    }
  }
  return { sections, files: [...files].sort() };
}
