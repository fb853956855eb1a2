/** Readers of single values: each gives the value, or reports what stands there and what to write. */
import { sizeBytes } from "./bytes.ts";
import { durationNs, formatDuration } from "./duration.ts";
import type { Read } from "./fields.ts";
import { type Problems, quoted } from "./problem.ts";
import type { Node, ScalarNode } from "./tree.ts";

/** What stands there, for a message. */
export function describeNode(node: Node): string {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "a mapping";
  if (node.value === null) return "nothing";
  return typeof node.value === "string" ? quoted(node.value) : node.text;
}

/** A number as Compose writes it into environments and labels: `0440` is 288, `1.0` is 1. */
function numberText(node: ScalarNode, value: number): string {
  if (/^-?[1-9]\d*$/.test(node.text)) return node.text;
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return BigInt(value).toString();
  return String(value).replace(/e([+-])(\d)$/, "e$10$2");
}

/** The text of a value that may be written as a number or a boolean; null for nothing. */
export function looseText(node: ScalarNode): string | null {
  if (node.value === null) return null;
  return typeof node.value === "number" ? numberText(node, node.value) : String(node.value);
}

export interface ScalarReaders {
  readonly text: Read<string>;
  readonly boolean: Read<boolean>;
  readonly integer: Read<number>;
  /** 0 and up. */
  readonly count: Read<number>;
  readonly number: Read<number>;
  readonly port: Read<number>;
  /** As Go prints it. */
  readonly duration: Read<string>;
  /** Decimal digits. */
  readonly bytes: Read<string>;
  readonly texts: Read<string[]>;
  /** A text of a pattern; `remedy` says what it looks like. */
  matching(pattern: RegExp, remedy: string): Read<string>;
  oneOf<const V extends string>(values: readonly V[]): Read<V>;
}

const TRUE = /^(true|y|yes|on)$/i;
const FALSE = /^(false|n|no|off)$/i;

/** The readers that report to `problems`. */
export function scalarReaders(problems: Problems): ScalarReaders {
  const wrong = (node: Node, label: string, wanted: string, remedy: string): undefined => {
    problems.report(
      node.at,
      "type",
      `"${label}" is to be ${wanted}, this is ${describeNode(node)}`,
      remedy,
    );
    return undefined;
  };
  const text: Read<string> = (node, label) => {
    if (node.kind !== "scalar") return wrong(node, label, "a text", "write one value");
    if (typeof node.value === "string") return node.value;
    return wrong(node, label, "a text", `put it in quotes: "${node.text}"`);
  };
  const number: Read<number> = (node, label) => {
    if (node.kind === "scalar") {
      const value = typeof node.value === "string" && /^[-+]?(\d+\.?\d*|\.\d+)$/.test(node.value)
        ? Number(node.value)
        : node.value;
      if (typeof value === "number" && Number.isFinite(value)) return value;
    }
    return wrong(node, label, "a number", "write a number such as 2 or 0.5");
  };
  const integer: Read<number> = (node, label) => {
    if (node.kind === "scalar") {
      const value = typeof node.value === "string" && /^[-+]?\d{1,15}$/.test(node.value)
        ? Number(node.value)
        : node.value;
      if (typeof value === "number" && Number.isSafeInteger(value)) return value;
    }
    return wrong(node, label, "a whole number", "write a number such as 3");
  };
  const atLeast = (least: number, most: number, wanted: string): Read<number> => (node, label) => {
    const value = integer(node, label);
    if (value === undefined || (value >= least && value <= most)) return value;
    return wrong(node, label, wanted, `write a number from ${least} to ${most}`);
  };
  const matching = (pattern: RegExp, remedy: string): Read<string> => (node, label) => {
    const value = text(node, label);
    if (value === undefined || pattern.test(value)) return value;
    problems.report(node.at, "value", `${quoted(value)} cannot be "${label}"`, remedy);
    return undefined;
  };
  return {
    text,
    number,
    integer,
    count: atLeast(0, 1_000_000, "0 or more"),
    port: atLeast(1, 65_535, "a port"),
    matching,
    boolean: (node, label) => {
      if (node.kind === "scalar") {
        if (typeof node.value === "boolean") return node.value;
        if (typeof node.value === "string" && TRUE.test(node.value)) return true;
        if (typeof node.value === "string" && FALSE.test(node.value)) return false;
      }
      return wrong(node, label, "true or false", "write true or false");
    },
    duration: (node, label) => {
      const example = 'write a number with its unit, such as "90s" or "1m30s"';
      if (node.kind !== "scalar" || typeof node.value !== "string") {
        return wrong(node, label, "a duration", example);
      }
      const ns = durationNs(node.value);
      return ns === null ? wrong(node, label, "a duration", example) : formatDuration(ns);
    },
    bytes: (node, label) => {
      const bytes = node.kind === "scalar" && node.value !== null
        ? sizeBytes(String(node.value))
        : null;
      if (bytes !== null) return String(bytes);
      return wrong(
        node,
        label,
        "a size",
        'write a number of bytes, or one with its unit, such as "512m"',
      );
    },
    texts: (node, label) => {
      if (node.kind !== "list") return wrong(node, label, "a list", "write a list of texts");
      const texts = node.items.map((item) => text(item, label));
      return texts.filter((item) => item !== undefined);
    },
    oneOf: <const V extends string>(values: readonly V[]): Read<V> => (node, label) => {
      const value = node.kind === "scalar" ? values.find((one) => one === node.value) : undefined;
      if (value !== undefined) return value;
      return wrong(node, label, "another value", `write one of ${values.join(", ")}`);
    },
  };
}
