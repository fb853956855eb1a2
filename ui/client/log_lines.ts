/** Log lines on their way to the screen: kept within bounds, filtered, cut where they never end. No DOM. */

/** As the API sends it. */
export interface LogLine {
  readonly deployment: string;
  readonly service: string;
  readonly slot: number;
  readonly stream: "stdout" | "stderr";
  /** RFC 3339 with nanoseconds. */
  readonly time: string;
  readonly text: string;
  /** The line goes on in the next record. */
  readonly partial: boolean;
}

/** A line as it is shown. */
export interface ShownLine extends LogLine {
  readonly number: number;
  /** So many characters of it are left out; 0: none. */
  readonly cut: number;
  /** No line, but a word of ours in place of lines that are gone. */
  readonly gap?: true;
}

/** So many characters of one line are shown. */
export const SHOWN_CHARACTERS = 8_000;

/** What a person looks for. */
export interface LogFilter {
  /** null: everything. */
  readonly pattern: RegExp | null;
  readonly service: string;
  readonly stream: string;
}

/** A text, or a regular expression, as a pattern that finds every place; throws for one that is none. */
export function patternOf(text: string, regex: boolean): RegExp | null {
  if (text === "") return null;
  return new RegExp(regex ? text : text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi");
}

/** Is the line among those that are looked for? */
export function isWanted(line: LogLine, { pattern, service, stream }: LogFilter): boolean {
  if (service !== "" && line.service !== service) return false;
  if (stream !== "" && line.stream !== stream) return false;
  if (pattern === null) return true;
  pattern.lastIndex = 0;
  return pattern.test(line.text);
}

/** Joins the records of long lines, of which only the beginning is kept. */
export function createJoiner(): (line: LogLine) => ShownLine | null {
  const open = new Map<string, { readonly first: LogLine; text: string; cut: number }>();
  let number = 0;
  return (line) => {
    const key = `${line.deployment} ${line.stream}`;
    const before = open.get(key);
    if (before === undefined && !line.partial && line.text.length <= SHOWN_CHARACTERS) {
      return { ...line, number: number++, cut: 0 };
    }
    const now = before ?? { first: line, text: "", cut: 0 };
    const room = Math.max(0, SHOWN_CHARACTERS - now.text.length);
    now.text += line.text.slice(0, room);
    now.cut += Math.max(0, line.text.length - room);
    if (line.partial) {
      open.set(key, now);
      return null;
    }
    open.delete(key);
    return { ...now.first, text: now.text, partial: false, number: number++, cut: now.cut };
  };
}

/** The last lines, at most so many. */
export interface LineRing {
  readonly size: number;
  push(line: ShownLine): void;
  clear(): void;
  /** From the oldest to the newest. */
  all(): ShownLine[];
}

export function createLineRing(most: number): LineRing {
  let lines: ShownLine[] = [];
  return {
    get size() {
      return Math.min(lines.length, most);
    },
    push(line) {
      lines.push(line);
      // Taken off in large pieces: one at a time would move all of them each time.
      if (lines.length >= most * 2) lines = lines.slice(-most);
    },
    clear() {
      lines = [];
    },
    all: () => lines.slice(-most),
  };
}
