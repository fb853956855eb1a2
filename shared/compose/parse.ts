/** YAML text to a located tree, with everything bounded: bytes, nodes after aliases, depth. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node as YamlNode,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { messageOf } from "../errors.ts";
import { isUsableText, wholeText } from "./file_text.ts";
import { readPlainYaml } from "./plain_yaml/read.ts";
import { type Place, type Problems, quoted } from "./problem.ts";
import { type Entry, type MapNode, type Node, nullNode } from "./tree.ts";
import { readDocument } from "./yaml_document.ts";

const MAX_NODES = 250_000;
const MAX_DEPTH = 64;

class TooMuch extends Error {
  constructor(readonly at: Place, readonly problem: string, readonly remedy: string) {
    super(problem);
  }
}

function tooDeep(at: Place): TooMuch {
  return new TooMuch(at, `values are nested more than ${MAX_DEPTH} deep`, "nest less");
}

/** In one walk: an alias stands for the last anchor of its name before it. */
function targetsOf(document: Document): Map<Alias, YamlNode> {
  const anchors = new Map<string, YamlNode>();
  const targets = new Map<Alias, YamlNode>();
  visit(document, {
    Alias: (_, alias) => {
      const target = anchors.get(alias.source);
      if (target !== undefined) targets.set(alias, target);
    },
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
  });
  return targets;
}

interface Conversion {
  /** What each alias stands for; absent: nothing before it has that anchor. */
  readonly targets: ReadonlyMap<Alias, YamlNode>;
  readonly place: (offset: number | undefined) => Place;
  readonly problems: Problems;
  readonly open: Set<unknown>;
  nodes: number;
}

function isFlatTag(tag: string | undefined): boolean {
  return tag === undefined || tag === "!" || /^tag:yaml\.org,2002:/.test(tag);
}

/** Tags by which a later file removes or replaces what one before it has. */
const CHANGES: Readonly<Record<string, "remove" | "replace">> = {
  "!reset": "remove",
  "!override": "replace",
};

function changeOf(value: unknown): "remove" | "replace" | undefined {
  if (!isScalar(value) && !isSeq(value) && !isMap(value)) return undefined;
  return value.tag === undefined ? undefined : CHANGES[value.tag];
}

/** `isEntry`: it is the value of a key, where a tag may say how it is merged. */
function convert(
  from: Conversion,
  source: unknown,
  near: Place,
  depth: number,
  isEntry = false,
): Node {
  from.nodes++;
  if (from.nodes > MAX_NODES) {
    throw new TooMuch(
      near,
      `the file has more than ${MAX_NODES} values once its aliases are written out`,
      "use fewer aliases of aliases",
    );
  }
  if (isAlias(source)) return convertAlias(from, source, near, depth);
  if (!isScalar(source) && !isSeq(source) && !isMap(source)) return nullNode(near);
  const at = source.range ? from.place(source.range[0]) : near;
  if (depth > MAX_DEPTH) {
    throw tooDeep(at);
  }
  if (!isFlatTag(source.tag) && !(isEntry && changeOf(source) !== undefined)) {
    from.problems.report(
      at,
      "tag",
      `the tag ${quoted(source.tag ?? "")} means nothing here`,
      "write the value without it; !reset and !override stand after a key",
    );
  }
  if (isScalar(source)) return convertScalar(from, source, at);
  from.open.add(source);
  try {
    if (isMap(source)) return convertMap(from, source, at, depth);
    return {
      kind: "list",
      at,
      items: source.items.map((item) => convert(from, item, at, depth + 1)),
    };
  } finally {
    from.open.delete(source);
  }
}

function convertAlias(from: Conversion, alias: Alias, near: Place, depth: number): Node {
  const at = alias.range ? from.place(alias.range[0]) : near;
  const target = from.targets.get(alias);
  if (target === undefined) {
    from.problems.report(
      at,
      "alias",
      `there is no anchor "&${alias.source}" before this alias`,
      `set it with "&${alias.source}" on an earlier value`,
    );
    return nullNode(at);
  }
  if (from.open.has(target)) {
    from.problems.report(
      at,
      "alias",
      `the alias "*${alias.source}" contains itself`,
      "write it out",
    );
    return nullNode(at);
  }
  return convert(from, target, at, depth);
}

/** Numbers that only YAML 1.1, and so Compose, takes for such: `1_000`, `0b101`. */
function yaml11Number(text: string): number | null {
  if (/^[-+]?0b[01_]{1,53}$/.test(text)) {
    const digits = parseInt(text.replace(/^[-+]?0b/, "").replaceAll("_", ""), 2);
    return Number.isNaN(digits) ? null : text.startsWith("-") ? -digits : digits;
  }
  return /^[-+]?[0-9][0-9_]*$/.test(text) && text.includes("_")
    ? Number(text.replaceAll("_", ""))
    : null;
}

function convertScalar(from: Conversion, scalar: Scalar, at: Place): Node {
  const { value } = scalar;
  const plain = scalar.type === "PLAIN";
  const source = scalar.source ?? "";
  if (value === null || value === undefined) return nullNode(at);
  if (typeof value === "boolean") return { kind: "scalar", at, value, text: source };
  if (typeof value === "number" || typeof value === "bigint") {
    // 0440 is octal for Compose (YAML 1.1), although YAML 1.2 reads decimal.
    const octal = /^[-+]?0[0-7_]+$/.test(source);
    const number = octal ? parseInt(source.replaceAll("_", ""), 8) : Number(value);
    return { kind: "scalar", at, value: number, text: source };
  }
  const text = wholeText(at, () => quoted(String(value)), String(value), from.problems);
  const older = plain ? yaml11Number(text) : null;
  if (older !== null) return { kind: "scalar", at, value: older, text };
  return { kind: "scalar", at, value: text, text };
}

function mergedInto(
  from: Conversion,
  entries: Map<string, Entry>,
  value: Node,
  at: Place,
): void {
  const sources = value.kind === "list" ? value.items : [value];
  for (const source of sources) {
    if (source.kind !== "map") {
      from.problems.report(
        at,
        "merge-key",
        `"<<" takes a mapping or a list of mappings`,
        'write "<<: *anchor" of a mapping',
      );
      continue;
    }
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  }
}

function convertMap(from: Conversion, map: YAMLMap, at: Place, depth: number): MapNode {
  const entries = new Map<string, Entry>();
  const merges: { value: Node; at: Place }[] = [];
  for (const pair of map.items) {
    const key = pair.key;
    const keyAt = isScalar(key) && key.range ? from.place(key.range[0]) : at;
    const value = convert(from, pair.value, keyAt, depth + 1, true);
    const how = changeOf(pair.value);
    if (!isScalar(key) || typeof key.value !== "string") {
      const shown = isScalar(key) ? key.source ?? "" : "a list or mapping";
      from.problems.report(
        keyAt,
        "key",
        `a key must be a text, this is ${isScalar(key) && shown !== "" ? quoted(shown) : shown}`,
        "put the key in quotes",
      );
      continue;
    }
    if (key.value === "<<" && key.type === "PLAIN") {
      merges.push({ value, at: keyAt });
      continue;
    }
    const written = key.value;
    const name = wholeText(keyAt, () => `the key ${quoted(written)}`, written, from.problems);
    if (name === "__proto__") {
      from.problems.report(keyAt, "key", `the key "__proto__" cannot be used`, "name it otherwise");
      continue;
    }
    const before = entries.get(name)?.keyAt;
    if (before !== undefined) {
      from.problems.report(
        keyAt,
        "duplicate-key",
        `the key ${quoted(name)} stands twice in one mapping (first in line ${before.line})`,
        "keep one of them",
      );
      continue;
    }
    entries.set(name, how === undefined ? { keyAt, value } : { keyAt, value, how });
  }
  for (const merge of merges) mergedInto(from, entries, merge.value, merge.at);
  return { kind: "map", at, entries };
}

const SYNTAX_REMEDIES: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "keep one document in a file and pass several files with -f",
  TAB_AS_INDENT: "indent with spaces",
  BAD_INDENT: "align it with the keys beside it",
  MISSING_CHAR: "close the quote, or write the missing character",
  MULTILINE_IMPLICIT_KEY: 'put ":" and a space after the key, and quote texts that contain ": "',
  BLOCK_AS_IMPLICIT_KEY: 'quote a text that contains ": "',
};

/** The tree of a compose file, or null where its problems leave none. */
export function parseFile(file: string, text: string, problems: Problems): MapNode | null {
  if (!isUsableText(file, text, problems)) return null;
  return readPlainYaml(file, text) ?? parseYaml(file, text, problems);
}

/** The tree of any YAML; {@link parseFile} without its short way. */
export function parseYaml(file: string, text: string, problems: Problems): MapNode | null {
  const start = { file, line: 1, column: 1 };
  const before = problems.count();
  try {
    const { document, errors, lines } = readDocument(text);
    const place = (offset: number | undefined): Place => {
      const { line, col } = lines.linePos(offset ?? 0);
      return { file, line: Math.max(1, line), column: Math.max(1, col) };
    };
    for (const { code, message, offset } of errors) {
      if (code === "TOO_DEEP") throw tooDeep(place(offset));
      const summary = code === "MULTIPLE_DOCS"
        ? "the file holds more than one YAML document"
        : `this is not valid YAML: ${message.split("\n")[0]}`;
      problems.report(
        place(offset),
        "yaml",
        summary,
        SYNTAX_REMEDIES[code] ?? "mend the YAML here",
      );
    }
    if (errors.length > 0) return null;
    if (document.contents === null) {
      problems.report(start, "empty", "the file is empty", 'begin with "services:"');
      return null;
    }
    const tree = convert(
      {
        targets: text.includes("*") ? targetsOf(document) : new Map(),
        place,
        problems,
        open: new Set(),
        nodes: 0,
      },
      document.contents,
      start,
      0,
    );
    if (tree.kind !== "map") {
      if (problems.count() === before) {
        problems.report(
          tree.at,
          "not-a-mapping",
          "the file is not a mapping",
          'begin with "services:"',
        );
      }
      return null;
    }
    return tree;
  } catch (thrown) {
    if (thrown instanceof TooMuch) {
      problems.report(thrown.at, "yaml-bomb", thrown.problem, thrown.remedy);
    } else if (thrown instanceof RangeError) {
      problems.report(start, "yaml-bomb", "values are nested too deep to be read", "nest less");
    } else {
      problems.report(
        start,
        "yaml",
        `the YAML cannot be read: ${messageOf(thrown)}`,
        "mend the YAML",
      );
    }
    return null;
  }
}
