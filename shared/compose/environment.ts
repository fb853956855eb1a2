/** `environment` and `env_file` of a service, and `labels`. */
import { parseDotenv } from "./dotenv.ts";
import { isUsableText } from "./file_text.ts";
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import { pairsOf } from "./pairs.ts";
import { hostPath } from "./paths.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode, looseText } from "./scalars.ts";
import type { Node } from "./tree.ts";

/** Sorted by name, so that equal content is equal text. */
export function sortedRecord<V>(entries: Iterable<readonly [string, V]>): Record<string, V> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}

/** Names and values in either form, in the order written. */
export function readPairs(reading: Reading): Read<Map<string, string | null>> {
  return (node, label) => {
    const { problems } = reading;
    const map = pairsOf(node, problems);
    if (map === null) {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a mapping or a list, this is ${describeNode(node)}`,
        "write NAME: value lines",
      );
      return undefined;
    }
    const pairs = new Map<string, string | null>();
    for (const [name, { value, keyAt }] of map.entries) {
      if (value.kind !== "scalar") {
        problems.report(
          value.at,
          "type",
          `the value of ${quoted(name)} is to be a text, this is ${describeNode(value)}`,
          "write one value, in quotes",
        );
        continue;
      }
      const text = looseText(value);
      if (name === "" || name.includes("\n")) {
        problems.report(keyAt, "name", `${quoted(name)} cannot be used here`, "write NAME: value");
        continue;
      }
      if (typeof value.value === "number" && text !== value.text) {
        problems.note(
          value.at,
          "number",
          `${value.text} is read as the number ${text}`,
          `put it in quotes where it is meant as "${value.text}"`,
        );
      }
      pairs.set(name, text);
    }
    return pairs;
  };
}

/** Labels or build arguments: a name alone is what `unset` makes of it, undefined leaves it out. */
export function readStrings(
  reading: Reading,
  unset: (name: string) => string | undefined,
): Read<Record<string, string>> {
  const pairs = readPairs(reading);
  return (node, label) => {
    const found = pairs(node, label);
    if (found === undefined) return undefined;
    const strings: [string, string][] = [];
    for (const [name, value] of found) {
      const text = value ?? unset(name);
      if (text !== undefined) strings.push([name, text]);
    }
    return sortedRecord(strings);
  };
}

interface EnvFile {
  readonly node: Node;
  readonly path: string;
  readonly required: boolean;
  readonly raw: boolean;
}

function readEnvFileEntry(reading: Reading, node: Node): EnvFile | null {
  const { scalars, problems } = reading;
  if (node.kind !== "map") {
    const path = scalars.text(node, "env_file");
    return path === undefined
      ? null
      : { node, path: hostPath(reading, path, node.at), required: true, raw: false };
  }
  const take = takeFrom(fieldsOf(node, "services.*.env_file[]", problems), problems);
  const path = take("path", scalars.text);
  const required = take("required", scalars.boolean) ?? true;
  const raw = take("format", scalars.oneOf(["raw"])) !== undefined;
  if (!node.entries.has("path")) {
    problems.report(node.at, "missing-key", `this env_file has no "path"`, "write path: FILE");
  }
  return path === undefined
    ? null
    : { node, path: hostPath(reading, path, node.at), required, raw };
}

function rawLines(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const cut = line.indexOf("=");
    if (!/^\s*(#|$)/.test(line) && cut > 0) found.set(line.slice(0, cut), line.slice(cut + 1));
  }
  return found;
}

function readEnvFile(
  reading: Reading,
  { node, path, required, raw }: EnvFile,
  own: ReadonlyMap<string, string | null>,
  before: ReadonlyMap<string, string | null>,
): Map<string, string> {
  const { problems } = reading;
  const file = reading.readFile(path);
  switch (file.kind) {
    case "missing":
      if (required) {
        problems.report(
          node.at,
          "env-file",
          `the env_file ${quoted(path)} does not exist`,
          "make it, or write required: false beside its path",
        );
      }
      return new Map();
    case "unreadable":
      problems.report(
        node.at,
        "env-file",
        `the env_file ${quoted(path)} cannot be read: ${file.reason}`,
        "name a file of NAME=value lines that may be read",
      );
      return new Map();
    case "text":
      if (!isUsableText(path, file.text, problems)) return new Map();
      return raw ? rawLines(file.text) : parseDotenv(
        path,
        file.text,
        (name) => reading.lookup(name) ?? own.get(name) ?? undefined,
        problems,
        (name) => before.get(name) ?? undefined,
      );
  }
}

/** A service's environment: its files in their order, then its own values over them. */
export function readEnvironment(
  reading: Reading,
  environment: Node | undefined,
  envFile: Node | undefined,
): Record<string, string | null> | undefined {
  const own = environment && readPairs(reading)(environment, "environment");
  const merged = new Map<string, string | null>();
  const files = envFile === undefined ? [] : envFile.kind === "list" ? envFile.items : [envFile];
  for (const node of files) {
    const file = readEnvFileEntry(reading, node);
    if (file === null) continue;
    for (const [name, value] of readEnvFile(reading, file, own ?? new Map(), merged)) {
      if (name !== "__proto__") merged.set(name, value);
    }
  }
  for (const [name, value] of own ?? []) {
    // A name alone that is set nowhere also hides the value of a file, as in Compose.
    merged.set(name, value ?? reading.lookup(name) ?? null);
  }
  return merged.size === 0 ? undefined : sortedRecord(merged);
}
