/** A host for tests: it remembers what was printed and answers from what it was given. */
import { type ApiClient, createApiClient, type Transport } from "../shared/api/client.ts";
import { SkerryError } from "../shared/errors.ts";
import type { Clock } from "../shared/clock.ts";
import { createFakeSystemd } from "./boot/fake_systemd.ts";
import type { Systemd } from "./boot/systemd.ts";
import type { Host } from "./cli.ts";
import type { Daemons } from "./commands/daemons.ts";

export interface FakeHostOptions {
  /** The control plane; absent: none answers. */
  readonly transport?: Transport;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What is typed or piped in. */
  readonly input?: readonly string[];
  readonly terminal?: boolean;
  readonly signal?: AbortSignal;
  /** Aborted: nobody reads what is printed. */
  readonly closed?: AbortSignal;
  /** Absent: systemd does not run there. */
  readonly systemd?: Systemd;
}

export interface FakeHost extends Host {
  /** All that was written to standard output. */
  printed(): string;
  /** All that was written to standard error. */
  said(): string;
}

/** Its clock stands still at this moment; sleeping ends at once. */
export const NOW = Date.parse("2026-01-02T03:04:05Z");

const stillClock: Clock = { now: () => NOW, monotonic: () => 0, sleep: () => Promise.resolve() };

const unreachable = () =>
  new SkerryError("control_unreachable", "no control plane answers on /fake.sock", "skerry up");

/** A host without a machine. */
export function createFakeHost(options: FakeHostOptions = {}): FakeHost {
  const decoder = new TextDecoder();
  const typed = [...options.input ?? []];
  let out = "";
  let err = "";
  const terminal = options.terminal ?? false;
  const api: ApiClient = createApiClient(
    options.transport ?? (() => Promise.reject(unreachable())),
  );
  return {
    printed: () => out,
    said: () => err,
    terminal: {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      write: (stream, data) => {
        if (stream === "stdout") out += decoder.decode(data);
        else err += decoder.decode(data);
      },
      closed: options.closed ?? new AbortController().signal,
      outIsTerminal: terminal,
      errIsTerminal: terminal,
      inIsTerminal: terminal,
      size: () => ({ columns: 80, rows: 24 }),
    },
    input: {
      async *chunks() {
        for (let text = typed.shift(); text !== undefined; text = typed.shift()) {
          yield new TextEncoder().encode(text);
        }
      },
      setRaw() {},
    },
    onResize: () => () => undefined,
    env: options.env ?? {},
    cwd: options.cwd ?? "/nowhere",
    hostname: "box",
    clock: stillClock,
    connect: () => ({
      api,
      webSocket: () => {
        throw new Error("a fake host has no WebSocket");
      },
      unreachable,
      [Symbol.dispose]() {},
    }),
    systemd: options.systemd ?? createFakeSystemd({ running: false }),
    skerryCommand: "/usr/local/bin/skerry",
    signal: options.signal ?? new AbortController().signal,
  };
}

/** Daemons that end at once with code 0. */
export const idleDaemons: Daemons = {
  up: () => Promise.resolve(0),
  control: () => Promise.resolve(0),
  agent: () => Promise.resolve(0),
};
