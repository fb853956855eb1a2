/** What the commands write to and read from; a fake one in tests. */
export interface Terminal {
  /** Results, to standard output. */
  out(text: string): void;
  /** Progress, warnings and errors, to standard error. */
  err(text: string): void;
  /** Raw bytes, for logs and exec. */
  write(stream: "stdout" | "stderr", data: Uint8Array): void;
  /** Aborted once nobody reads the results any more: the pipe's other end is closed. */
  readonly closed: AbortSignal;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  readonly inIsTerminal: boolean;
  /** Width and height now; 80 × 24 where it is not a terminal. */
  size(): { readonly columns: number; readonly rows: number };
}

/** Colours by what they say. */
export type Tone = "good" | "bad" | "busy" | "dim" | "strong";

const CODES: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  bad: [31, 39],
  busy: [33, 39],
  dim: [2, 22],
  strong: [1, 22],
};

/** Colours a text, or leaves it as it is. */
export type Paint = (tone: Tone | null, text: string) => string;

/** Colours are for a terminal only, and not where NO_COLOR is set to anything or TERM is `dumb`. */
export function painter(
  isTerminal: boolean,
  env: Readonly<Record<string, string | undefined>>,
): Paint {
  const off = !isTerminal || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb";
  return (tone, text) => {
    if (off || tone === null || text === "") return text;
    const [on, end] = CODES[tone];
    return `\x1b[${on}m${text}\x1b[${end}m`;
  };
}

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text from elsewhere on one line, without control characters that would steer the terminal. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (char) => ESCAPES[char] ?? `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
