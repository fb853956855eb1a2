/** A manifest and its sections, read as the intent that the facets plan from. Pure. */
import { z } from "zod";
import { SkerryError } from "../../shared/errors.ts";
import type { Manifest } from "../../shared/model/manifest.ts";
import { type Capability, Section } from "../../shared/model/sections.ts";
import type { Desired } from "../reconcile/world.ts";

const KNOWN: readonly string[] = [
  "node",
  "containers",
  "volumes",
  "secrets",
  "names",
  "routes",
  "firewall",
  "images",
  "registries",
] satisfies readonly Capability[];

/** What this agent can carry out, as it tells the control plane. */
export const FEATURES: readonly string[] = KNOWN;

/**
 * @param contents the sections' texts, by section name
 * Errors: `agent_too_old` (a critical section that is unknown, or of an unknown form).
 */
export function desiredFrom(manifest: Manifest, contents: ReadonlyMap<string, string>): Desired {
  const sections: Section[] = [];
  for (const ref of manifest.sections) {
    const capability = ref.section.split("/")[0] ?? "";
    if (!KNOWN.includes(capability)) {
      if (ref.critical) throw tooOld(ref.section, "it is unknown to this agent");
      continue;
    }
    const parsed = Section.safeParse(JSON.parse(contents.get(ref.section) ?? "null"));
    if (parsed.success) sections.push(parsed.data);
    else if (ref.critical) throw tooOld(ref.section, z.prettifyError(parsed.error));
  }
  const only = <C extends Capability>(capability: C) =>
    sections.filter((section): section is Extract<Section, { capability: C }> =>
      section.capability === capability
    );
  const node = only("node")[0];
  if (node === undefined) {
    throw new SkerryError("bad_manifest", "the manifest has no section for the node itself");
  }
  return {
    epoch: manifest.epoch,
    revision: manifest.revision,
    node,
    containers: only("containers"),
    volumes: only("volumes"),
    secrets: only("secrets"),
    names: only("names"),
    routes: only("routes"),
    firewall: only("firewall"),
    images: only("images"),
    registries: only("registries")[0]?.registries ?? [],
  };
}

function tooOld(section: string, why: string): SkerryError {
  return new SkerryError(
    "agent_too_old",
    `agent too old: it cannot carry out the section "${section}": ${why}`,
    "upgrade skerry on this node",
  );
}
