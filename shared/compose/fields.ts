/** The entries of a mapping that are carried out; every other key is reported. */
import { CARRIED } from "./carried_keys.ts";
import { NOTED } from "./noted_keys.ts";
import { type Problems, quoted } from "./problem.ts";
import { REFUSED } from "./refused_keys.ts";
import { nearest } from "./suggest.ts";
import type { Entry, MapNode, Node } from "./tree.ts";

const VENDOR_KEY = "x-skerry";
const NO_KEYS: readonly string[] = [];
const CARRIED_SETS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries(CARRIED).map(([path, keys]) => [path, new Set(keys)]),
);
const NO_SET: ReadonlySet<string> = new Set();
/** Nobody reads a list of more. */
const MANY_KEYS = 20;
/** With more problems than this nobody reads the guesses. */
const GUESSES = 500;

function refusedBelow(path: string): string[] {
  const prefix = path === "" ? "" : `${path}.`;
  const keys: string[] = [];
  for (const full of Object.keys(REFUSED)) {
    const key = full.slice(prefix.length);
    if (full.startsWith(prefix) && !key.includes(".")) keys.push(key);
  }
  return keys;
}

function looksLikeService(node: Node): boolean {
  return node.kind === "map" && (node.entries.has("image") || node.entries.has("build"));
}

function reportKey(key: string, entry: Entry, path: string, problems: Problems): void {
  const full = path === "" ? key : `${path}.${key}`;
  const noted = Object.hasOwn(NOTED, full) ? NOTED[full] : undefined;
  if (noted !== undefined) {
    problems.note(entry.keyAt, "ignored-key", `${quoted(key)} changes nothing here: ${noted}`);
    return;
  }
  const refusal = Object.hasOwn(REFUSED, full) ? REFUSED[full] : undefined;
  if (refusal !== undefined) {
    const reason = refusal.reason === "" ? "" : `: ${refusal.reason}`;
    problems.report(
      entry.keyAt,
      "not-carried-out",
      `${quoted(key)} is not carried out yet${reason}`,
      refusal.remedy,
    );
    return;
  }
  if (path === "" && looksLikeService(entry.value)) {
    const message = `the service ${quoted(key)} stands at the top level`;
    problems.report(entry.keyAt, "unknown-key", message, 'write it below "services:"');
    return;
  }
  const known = CARRIED[path] ?? NO_KEYS;
  const guess = problems.count() > GUESSES ? null : nearest(key, [...known, ...refusedBelow(path)]);
  const remedy = guess !== null
    ? `did you mean "${guess}"?`
    : known.length === 0 || known.length > MANY_KEYS
    ? "leave it out, or correct its name"
    : `write one of ${[...known].sort().join(", ")}`;
  problems.report(entry.keyAt, "unknown-key", `unknown key ${quoted(key)}`, remedy);
}

/**
 * The carried-out entries of a mapping. Keys that begin with `x-` are ignored as the specification
 * says, but for `x-skerry` where it means something; one that only looks like it is noted.
 */
export function fieldsOf(map: MapNode, path: string, problems: Problems): Map<string, Entry> {
  const carried = CARRIED_SETS.get(path) ?? NO_SET;
  const fields = new Map<string, Entry>();
  for (const [key, entry] of map.entries) {
    if (carried.has(key)) {
      fields.set(key, entry);
    } else if (key.startsWith("x-")) {
      if (key === VENDOR_KEY) {
        problems.report(
          entry.keyAt,
          "misplaced-key",
          `"${VENDOR_KEY}" means nothing here`,
          "write it directly below a service",
        );
      } else if (carried.has(VENDOR_KEY) && nearest(key, [VENDOR_KEY]) !== null) {
        problems.note(
          entry.keyAt,
          "ignored-key",
          `${quoted(key)} is ignored`,
          `did you mean "${VENDOR_KEY}"?`,
        );
      }
    } else {
      reportKey(key, entry, path, problems);
    }
  }
  return fields;
}

/** Reads one value; undefined where it was reported. */
export type Read<V> = (node: Node, label: string) => V | undefined;

/** Reads the fields of one mapping, one after the other. */
export interface Take {
  /** Where the key stands and can be read, `put` gets its value; it is also what comes back. */
  <V>(key: string, read: Read<V>, put?: (value: V) => void): V | undefined;
}

/** What {@link Take} does for a mapping's fields; null as a value is reported. */
export function takeFrom(fields: ReadonlyMap<string, Entry>, problems: Problems): Take {
  return (key, read, put) => {
    const entry = fields.get(key);
    if (entry === undefined) return undefined;
    if (entry.value.kind === "scalar" && entry.value.value === null) {
      problems.report(
        entry.keyAt,
        "empty-value",
        `"${key}" has no value`,
        "give it one, or leave it out",
      );
      return undefined;
    }
    const value = read(entry.value, key);
    if (value !== undefined) put?.(value);
    return value;
  };
}
