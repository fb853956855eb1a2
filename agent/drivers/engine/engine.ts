/**
 * A long-lived program that Skerry runs beside itself (Podman's service, Traefik): in a session of
 * its own, logging to a file, so that it outlives the agent and is adopted again by boot id, pid,
 * start time and binary.
 */
export interface EngineSpec {
  readonly name: string;
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir: string;
  readonly logFile: string;
  /** Where pid, start time, boot id and the spec's digest are kept. */
  readonly stateFile: string;
}

export type EngineState =
  | { readonly kind: "running"; readonly pid: number; readonly adopted: boolean }
  /** It runs, but was started with other arguments or another binary. */
  | { readonly kind: "outdated"; readonly pid: number }
  | { readonly kind: "absent" };

export interface Engine {
  /**
   * What runs now. `outdated` is told by the spec given, else by the last one that was ensured,
   * else by the binary alone.
   */
  state(spec?: EngineSpec): Promise<EngineState>;
  /** Adopts the running one, or starts it; an outdated one is left alone (see restart). */
  ensure(spec: EngineSpec): Promise<EngineState>;
  /** SIGTERM, after `graceMs` SIGKILL. Resolves when it is gone. */
  stop(graceMs: number): Promise<void>;
}
