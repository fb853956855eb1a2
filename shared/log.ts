/** The program's own log: one JSON line an event on standard error, or plain words on a terminal. */
export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** The same log with fields that every line bears. */
  with(fields: LogFields): Log;
}

const RANK: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogSink {
  write(level: LogLevel, message: string, fields: LogFields): void;
}

/** A log that hands lines of at least `level` to a sink. */
export function createLog(sink: LogSink, level: LogLevel, base: LogFields = {}): Log {
  const at = (own: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (RANK[own] >= RANK[level]) sink.write(own, message, { ...base, ...fields });
  };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    with: (fields) => createLog(sink, level, { ...base, ...fields }),
  };
}

/** A log that says nothing. */
export const silentLog: Log = createLog({ write() {} }, "error");
