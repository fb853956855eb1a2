/** Where the daemons' log goes: standard error, in words on a terminal, else a JSON line each. */
import type { LogFields, LogLevel, LogSink } from "../shared/log.ts";

export function stderrSink(isTerminal: boolean): LogSink {
  const encoder = new TextEncoder();
  return {
    write(level, message, fields) {
      const line = isTerminal ? words(level, message, fields) : JSON.stringify({
        time: new Date().toISOString(),
        level,
        message,
        ...fields,
      });
      Deno.stderr.writeSync(encoder.encode(`${line}\n`));
    },
  };
}

function words(level: LogLevel, message: string, fields: LogFields): string {
  const time = new Date().toISOString().slice(11, 23);
  const rest = Object.entries(fields).map(([key, value]) => `${key}=${String(value)}`).join(" ");
  return `${time} ${level.padEnd(5)} ${message}${rest === "" ? "" : `  ${rest}`}`;
}
