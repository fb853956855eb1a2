/** JSON text that a YAML reader behind Go templates takes literally. Pure. */

/**
 * Traefik runs its dynamic files through Go templates, so that `{{ env "X" }}` in any string would
 * be executed: braces inside strings are written as escapes, those of the structure stay. Control
 * characters that JSON allows and YAML does not are escaped too.
 */
export function renderYamlSafeJson(value: unknown): string {
  const text = JSON.stringify(
    value,
    (_, part) => part instanceof Map ? undefined : wellFormed(part),
    1,
  );
  return text.replace(
    /"(?:[^"\\]|\\.)*"/g,
    (literal) => literal.replace(/[{}\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g, escape),
  ) + "\n";
}

function wellFormed(part: unknown): unknown {
  return typeof part === "string" ? part.toWellFormed() : part;
}

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
