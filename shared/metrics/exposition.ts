/** Samples as text: Prometheus' exposition format 0.0.4. Pure. */
import { FAMILIES, type Family, type FamilyName, type Sample } from "./families.ts";

export const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

function escapedHelp(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapedValue(text: string): string {
  return escapedHelp(text).replaceAll('"', '\\"');
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

const isFamily = (name: string): name is FamilyName => name in FAMILIES;

/**
 * The whole document: families in their own order, samples sorted by their labels. Of two samples of
 * the same labels (a slot that is being replaced has two containers) the sum stands there.
 */
export function exposition(samples: readonly Sample[]): string {
  const byFamily = new Map<FamilyName, Map<string, number>>();
  for (const { name, labels, value } of samples) {
    const family: Family = FAMILIES[name];
    const text = family.labels.map((label) => `${label}="${escapedValue(labels[label] ?? "")}"`);
    const key = text.length === 0 ? "" : `{${text.join(",")}}`;
    const lines = byFamily.get(name) ?? new Map<string, number>();
    byFamily.set(name, lines);
    lines.set(key, (lines.get(key) ?? 0) + value);
  }
  let document = "";
  for (const name of Object.keys(FAMILIES).filter(isFamily)) {
    const lines = byFamily.get(name);
    if (lines === undefined) continue;
    const family: Family = FAMILIES[name];
    document += `# HELP ${name} ${escapedHelp(family.help)}\n# TYPE ${name} ${family.type}\n`;
    for (const [key, value] of [...lines].sort(([a], [b]) => (a < b ? -1 : 1))) {
      document += `${name}${key} ${numberText(value)}\n`;
    }
  }
  return document;
}
