/** A control plane that goes away while somebody watches: it is waited for, and this is said once. */
import { ApiError } from "../../shared/api/problem.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Cli } from "../cli.ts";

const RETRY_MS = 1_000;

export interface Patience {
  /** An answer came. */
  answered(): void;
  /** Resolves when it may be asked again. Rejects with what no waiting mends. */
  wait(thrown: unknown): Promise<void>;
}

/** Ended by the user, or because nobody reads the results any more. */
export function watchSignal({ host }: Pick<Cli, "host">): AbortSignal {
  return AbortSignal.any([host.signal, host.terminal.closed]);
}

/** The control plane ended, is ending or is not there yet. */
function isAway(thrown: unknown): boolean {
  if (thrown instanceof ApiError) return thrown.status === 503;
  if (thrown instanceof SkerryError) return thrown.code === "control_unreachable";
  // A connection that broke within an answer.
  return thrown instanceof TypeError;
}

/** One that never answered at all is an error; one that did is waited for. */
export function createPatience({ host }: Cli, signal: AbortSignal): Patience {
  let never = true;
  let away = false;
  return {
    answered() {
      if (away) host.terminal.err("skerry answers again\n");
      never = away = false;
    },
    async wait(thrown) {
      if (never || !isAway(thrown)) throw thrown;
      if (!away) host.terminal.err("skerry does not answer; waiting for it (Ctrl-C ends this)\n");
      away = true;
      await host.clock.sleep(RETRY_MS, signal);
    },
  };
}
