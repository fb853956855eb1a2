/**
 * One record of a k8s-file log as conmon writes it:
 * `2026-01-02T03:04:05.123456789+00:00 stdout F the text`. `P` marks a part of a line that goes
 * on in the next record of that stream. Pure.
 */
export interface LogRecord {
  /** RFC 3339 with up to nine digits of a second, as written. */
  readonly time: string;
  readonly stream: "stdout" | "stderr";
  readonly partial: boolean;
  readonly text: string;
}

const RECORD =
  /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})) (stdout|stderr) ([FP])(?::[^ ]*)?(?: ([\s\S]*))?$/;

/** Null: not a record. NUL bytes before it are what a power cut leaves, and are passed over. */
export function parseRecord(line: string): LogRecord | null {
  let start = 0;
  while (line.charCodeAt(start) === 0) start++;
  const match = RECORD.exec(start === 0 ? line : line.slice(start));
  const [, time, stream, flag, text] = match ?? [];
  if (time === undefined || (stream !== "stdout" && stream !== "stderr")) return null;
  return { time, stream, partial: flag === "P", text: text ?? "" };
}

/** The record as a line of the file, without its newline. */
export function renderRecord(record: LogRecord): string {
  return `${record.time} ${record.stream} ${record.partial ? "P" : "F"} ${record.text}`;
}

/** Nanoseconds since 1970, to order records of different zones; null: no such time. */
export function instantNs(time: string): bigint | null {
  const match = /^(.*T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(time);
  if (match === null) return null;
  const ms = Date.parse(`${match[1]}${match[3]}`);
  if (Number.isNaN(ms)) return null;
  return BigInt(ms) * 1_000_000n + BigInt((match[2] ?? "").padEnd(9, "0"));
}
