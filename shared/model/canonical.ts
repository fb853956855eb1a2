/**
 * RFC 8785 (JSON Canonicalization Scheme) text. Specs, requests and manifests are ordinary values,
 * written here in half the time; all others are left to the package `canonicalize`.
 */
import canonicalize from "canonicalize";

/** Deeper ones are left to the package, which needs no stack. */
const MAX_DEPTH = 64;
/** Texts that JSON writes as they are. */
const PLAIN = /^[ !#-[\]-~]*$/;

function quoted(text: string): string | null {
  if (PLAIN.test(text)) return `"${text}"`;
  return text.isWellFormed() ? JSON.stringify(text) : null;
}

function isPlain(value: object): value is Readonly<Record<string, unknown>> {
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && !("toJSON" in value);
}

/** null: not an ordinary value. */
function ordinary(value: unknown, depth: number): string | null {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : null;
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value !== "object" || depth === 0) return null;
  if (Array.isArray(value)) return ordinaryList(value, depth - 1);
  if (!isPlain(value)) return null;
  let text = "";
  // Sorted by UTF-16 code units, as RFC 8785 has it.
  for (const key of Object.keys(value).sort()) {
    const member = value[key];
    if (member === undefined) continue;
    const name = quoted(key);
    const written = ordinary(member, depth - 1);
    if (name === null || written === null) return null;
    text += text === "" ? `${name}:${written}` : `,${name}:${written}`;
  }
  return `{${text}}`;
}

function ordinaryList(values: readonly unknown[], depth: number): string | null {
  let text = "";
  for (let index = 0; index < values.length; index++) {
    const written = ordinary(values[index], depth);
    if (written === null) return null;
    text += index === 0 ? written : `,${written}`;
  }
  return `[${text}]`;
}

/** The RFC 8785 text of a JSON value. Throws on `undefined`, functions and what JSON cannot say. */
export function canonicalJson(value: unknown): string {
  const text = ordinary(value, MAX_DEPTH) ?? canonicalize(value);
  if (text === undefined) throw new TypeError("cannot canonicalise undefined");
  return text;
}
