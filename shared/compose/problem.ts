/** What is wrong with a compose file, and where; all of it is collected, nothing stops at the first. */

/** Where something stands. `line` and `column` count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Problem extends Place {
  /** For programs; stays stable. */
  readonly code: string;
  /** What is wrong, the value in quotes. */
  readonly message: string;
  /** What to write instead. */
  readonly remedy: string | null;
}

/** `file:line:column: what; what to write instead` */
export function formatProblem(problem: Problem): string {
  const { file, line, column, message, remedy } = problem;
  return `${file}:${line}:${column}: ${message}${remedy === null ? "" : `; ${remedy}`}`;
}

/** Problems beyond this many are counted only. */
export const MAX_PROBLEMS = 50;

export interface Problems {
  report(at: Place, code: string, message: string, remedy?: string): void;
  /** Something to know that hinders nothing. */
  note(at: Place, code: string, message: string, remedy?: string): void;
  /** Sorted by file (in the order of `files`), line and column; the last one says how many were left out. */
  problems(files: readonly string[]): Problem[];
  notes(files: readonly string[]): Problem[];
  count(): number;
}

function sorted(found: Iterable<Problem>, files: readonly string[]): Problem[] {
  const rank = (file: string) => {
    const index = files.indexOf(file);
    return index === -1 ? files.length : index;
  };
  return [...found].sort((a, b) =>
    rank(a.file) - rank(b.file) || (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) ||
    a.line - b.line || a.column - b.column
  );
}

function capped(list: Problem[]): Problem[] {
  if (list.length <= MAX_PROBLEMS) return list;
  const last = list[MAX_PROBLEMS - 1];
  const shown = list.slice(0, MAX_PROBLEMS);
  if (last === undefined) return shown;
  shown.push({
    ...last,
    code: "too-many",
    message: `${list.length - MAX_PROBLEMS} more problems are not shown`,
    remedy: "mend these first",
  });
  return shown;
}

/** What follows from a variable without a value is not said beside it. */
const CAUSES: ReadonlySet<string> = new Set(["interpolation", "variable-required"]);

/** An empty collection. The same thing said of the same place (an anchor used twice) counts once. */
export function createProblems(): Problems {
  const caused = new Set<string>();
  const problems = new Map<string, Problem>();
  const notes = new Map<string, Problem>();
  const add = (
    to: Map<string, Problem>,
    at: Place,
    code: string,
    message: string,
    remedy: string | undefined,
  ) => {
    if (to.size >= 10_000) return;
    const { file, line, column } = at;
    const place = `${file}\n${line}\n${column}`;
    if (CAUSES.has(code)) caused.add(place);
    else if (caused.has(place)) return;
    to.set(`${place}\n${message}`, {
      file,
      line,
      column,
      code,
      message,
      remedy: remedy ?? null,
    });
  };
  return {
    report: (at, code, message, remedy) => add(problems, at, code, message, remedy),
    note: (at, code, message, remedy) => add(notes, at, code, message, remedy),
    problems: (files) => capped(sorted(problems.values(), files)),
    notes: (files) => capped(sorted(notes.values(), files)),
    count: () => problems.size,
  };
}

/** A value for a message: in quotes, on one line, cut where it is long. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value);
}
