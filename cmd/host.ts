/** The real machine around the program. */
import { hostname } from "node:os";
import { systemClock } from "../shared/clock.ts";
import { createRunCommand } from "../shared/command.ts";
import { createSystemd } from "./boot/systemd.ts";
import { connectTo } from "./connection.ts";
import type { Host, Input } from "./cli.ts";
import type { Terminal } from "./terminal.ts";

type Writable = { writeSync(data: Uint8Array): number };

/** Writes all of it; `onClosed` where nobody reads any more. */
function writeAll(stream: Writable, data: Uint8Array, onClosed: () => void = () => {}): void {
  for (let at = 0; at < data.length;) {
    try {
      at += stream.writeSync(data.subarray(at));
    } catch (thrown) {
      // Nobody reads any more (`skerry logs | head`): the rest is nobody's.
      if (thrown instanceof Deno.errors.BrokenPipe) return onClosed();
      // A pipe that another program made non-blocking is full: its reader needs a moment.
      if (!(thrown instanceof Deno.errors.WouldBlock)) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function createTerminal(): Terminal {
  const encoder = new TextEncoder();
  const closed = new AbortController();
  const out = (data: Uint8Array) => writeAll(Deno.stdout, data, () => closed.abort());
  return {
    out: (text) => out(encoder.encode(text)),
    err: (text) => writeAll(Deno.stderr, encoder.encode(text)),
    write: (stream, data) => (stream === "stdout" ? out(data) : writeAll(Deno.stderr, data)),
    closed: closed.signal,
    outIsTerminal: Deno.stdout.isTerminal(),
    errIsTerminal: Deno.stderr.isTerminal(),
    inIsTerminal: Deno.stdin.isTerminal(),
    size() {
      try {
        const { columns, rows } = Deno.consoleSize();
        return { columns: Math.max(1, columns), rows: Math.max(1, rows) };
      } catch {
        // Not a terminal.
        return { columns: 80, rows: 24 };
      }
    },
  };
}

function createInput(): Input {
  return {
    async *chunks() {
      const buffer = new Uint8Array(65_536);
      for (let n = await Deno.stdin.read(buffer); n !== null; n = await Deno.stdin.read(buffer)) {
        yield buffer.subarray(0, n);
      }
    },
    setRaw(raw) {
      if (Deno.stdin.isTerminal()) Deno.stdin.setRaw(raw);
    },
  };
}

/** The host of this process. @param signal aborted by the first SIGINT or SIGTERM */
export function processHost(signal: AbortSignal): Host {
  return {
    terminal: createTerminal(),
    input: createInput(),
    onResize(listener) {
      Deno.addSignalListener("SIGWINCH", listener);
      return () => Deno.removeSignalListener("SIGWINCH", listener);
    },
    env: Deno.env.toObject(),
    cwd: Deno.cwd(),
    hostname: hostname(),
    clock: systemClock,
    connect: connectTo,
    systemd: createSystemd(createRunCommand()),
    skerryCommand: Deno.env.get("SKERRY_COMMAND") || null,
    signal,
  };
}
