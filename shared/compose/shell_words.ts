/** A command written as one text, split as Compose splits it: quotes and backslashes, nothing else. */

export type Words =
  | { readonly kind: "words"; readonly words: string[] }
  | { readonly kind: "fault"; readonly message: string };

const SPACE = /[ \t\r\n]/;

/**
 * The words of a command. Compose stops in silence at `;`, `&`, `|`, `<` or `>` outside of quotes
 * and drops the rest; that is a fault here.
 */
export function splitWords(command: string): Words {
  const words: string[] = [];
  let word: string | null = null;
  let quote: string | null = null;
  for (let i = 0; i < command.length; i++) {
    const char = command[i] ?? "";
    if (char === "\\" && quote !== "'") {
      const next = command[++i];
      if (next === undefined) return { kind: "fault", message: "it ends with a backslash" };
      word = (word ?? "") + next;
    } else if (quote !== null) {
      if (char === quote) quote = null;
      else word = (word ?? "") + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= "";
    } else if (SPACE.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else if (/[;&|<>()`]/.test(char)) {
      return {
        kind: "fault",
        message: `"${char}" outside of quotes needs a shell, and there is none`,
      };
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote !== null) return { kind: "fault", message: `the quote ${quote} is never closed` };
  if (word !== null) words.push(word);
  return { kind: "words", words };
}
