/**
 * Compose's interpolation of one text: `$VAR`, `${VAR}`, `${VAR:-default}`, `${VAR-default}`,
 * `${VAR:?error}`, `${VAR?error}`, `${VAR:+other}`, `${VAR+other}`, nested, and `$$` for a dollar.
 */

/** Why a text cannot be interpolated. */
export type SubstitutionFault =
  | { readonly kind: "invalid"; readonly near: string }
  | { readonly kind: "required"; readonly variable: string; readonly reason: string }
  | { readonly kind: "too-much" };

export type Lookup = (name: string) => string | undefined;

export interface Substitution {
  readonly text: string;
  readonly faults: readonly SubstitutionFault[];
  /** Variables that are not set and have no default; they are empty. */
  readonly unset: readonly string[];
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const OPERATOR = /:?[-?+]/y;
const MAX_TEXT = 1024 * 1024;
const MAX_DEPTH = 32;

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

/** Index of the brace that closes the one before `from`, or -1. */
function closingBrace(text: string, from: number): number {
  let open = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") open++;
    else if (text[i] === "}" && --open === 0) return i;
  }
  return -1;
}

interface State {
  readonly lookup: Lookup;
  readonly faults: SubstitutionFault[];
  readonly unset: Set<string>;
}

function braced(state: State, inner: string, depth: number): string {
  const name = matchAt(NAME, inner, 0);
  if (name === null) {
    state.faults.push({ kind: "invalid", near: `\${${inner}}` });
    return "";
  }
  const value = state.lookup(name);
  if (name.length === inner.length) {
    if (value === undefined) state.unset.add(name);
    return value ?? "";
  }
  const operator = matchAt(OPERATOR, inner, name.length);
  if (operator === null) {
    state.faults.push({ kind: "invalid", near: `\${${inner}}` });
    return "";
  }
  const operand = inner.slice(name.length + operator.length);
  const has = value !== undefined && (operator.length === 1 || value !== "");
  switch (operator.at(-1)) {
    case "-":
      return has ? value : expand(state, operand, depth + 1);
    case "+":
      return has ? expand(state, operand, depth + 1) : value ?? "";
    default:
      if (has) return value;
      state.faults.push({
        kind: "required",
        variable: name,
        reason: expand(state, operand, depth + 1),
      });
      return "";
  }
}

function expand(state: State, text: string, depth: number): string {
  if (!text.includes("$")) return text;
  if (depth > MAX_DEPTH) {
    state.faults.push({ kind: "too-much" });
    return "";
  }
  let out = "";
  let i = 0;
  while (i < text.length) {
    const dollar = text.indexOf("$", i);
    if (dollar === -1) return out + text.slice(i);
    out += text.slice(i, dollar);
    const next = text[dollar + 1];
    if (next === "$") {
      out += "$";
      i = dollar + 2;
    } else if (next === "{") {
      const close = closingBrace(text, dollar + 2);
      if (close === -1) {
        state.faults.push({ kind: "invalid", near: text.slice(dollar) });
        return out;
      }
      out += braced(state, text.slice(dollar + 2, close), depth);
      i = close + 1;
    } else {
      const name = matchAt(NAME, text, dollar + 1);
      if (name === null) {
        out += "$";
        i = dollar + 1;
      } else {
        const value = state.lookup(name);
        if (value === undefined) state.unset.add(name);
        out += value ?? "";
        i = dollar + 1 + name.length;
      }
    }
    if (out.length > MAX_TEXT) {
      state.faults.push({ kind: "too-much" });
      return "";
    }
  }
  return out;
}

/** The text with its variables filled in; never throws. */
export function substitute(text: string, lookup: Lookup): Substitution {
  if (!text.includes("$")) return { text, faults: [], unset: [] };
  const state: State = { lookup, faults: [], unset: new Set() };
  return { text: expand(state, text, 0), faults: state.faults, unset: [...state.unset] };
}
