/** Durations as Compose writes them (`1m30s`, `2d`, `1.5h`, `500ms`) and as Go prints them. */

const UNIT_NS: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  "µs": 1e3,
  "μs": 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
};
const MAX_NS = 2 ** 53;

/** Nanoseconds of a duration, or null where the text is none (or longer than 104 days). */
export function durationNs(text: string): number | null {
  if (text === "0") return 0;
  if (!/^([0-9]*\.?[0-9]+|[0-9]+\.)(ns|us|µs|μs|ms|[smhdw])/.test(text)) return null;
  let ns = 0;
  let rest = text;
  while (rest !== "") {
    const part = /^(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/.exec(rest);
    if (part === null) return null;
    ns += Number(part[1]) * (UNIT_NS[part[2] ?? ""] ?? NaN);
    if (!(ns <= MAX_NS)) return null;
    rest = rest.slice(part[0].length);
  }
  return Math.round(ns);
}

/** Whole milliseconds of a duration (rounded up, so that `1ns` is not none), or null. */
export function durationMs(text: string): number | null {
  const ns = durationNs(text);
  return ns === null ? null : Math.ceil(ns / 1e6);
}

function trimmed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, "");
}

/** The text that Go's `time.Duration.String` gives: `1h0m0s`, `1m30s`, `1.5s`, `500ms`. */
export function formatDuration(ns: number): string {
  if (ns === 0) return "0s";
  if (ns < 1e3) return `${ns}ns`;
  if (ns < 1e6) return `${trimmed(ns / 1e3, 3)}µs`;
  if (ns < 1e9) return `${trimmed(ns / 1e6, 6)}ms`;
  const hours = Math.floor(ns / 3600e9);
  const minutes = Math.floor((ns % 3600e9) / 60e9);
  const restNs = ns % 60e9;
  const seconds = `${Math.floor(restNs / 1e9)}${
    restNs % 1e9 === 0 ? "" : trimmed((restNs % 1e9) / 1e9, 9).slice(1)
  }`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${minutes}m${seconds}s` : `${seconds}s`;
}
