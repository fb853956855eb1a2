import type { RegistriesSection } from "../../../shared/model/sections.ts";
import { by, type NodeIntent } from "../intent.ts";

/** What the node knows of registries; none: no section, as before there were any. */
export function compileRegistries(intent: NodeIntent): RegistriesSection[] {
  if (intent.registries.length === 0) return [];
  const registries = intent.registries.toSorted(by((each) => each.host));
  return [{ capability: "registries", registries }];
}
