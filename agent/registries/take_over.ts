/** Has Podman reach registries as the intent says, and tells who waits once it does. */
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { Desired } from "../reconcile/world.ts";
import { createIntentWait, type IntentWait } from "../sessions/intent_wait.ts";
import type { Registries } from "./registries.ts";

export interface TakeOver {
  /** The registries of a revision of the intent. True: they are others than before. */
  configure(revision: number, wanted: Desired["registries"]): boolean;
  readonly when: IntentWait["when"];
}

/** @param apply writes what is known to where Podman reads it */
export function createTakeOver(
  registries: Registries,
  apply: () => Promise<void>,
  log: Log,
): TakeOver {
  const intents = createIntentWait();
  let applying: Promise<void> = Promise.resolve();
  return {
    when: intents.when,
    configure(revision, wanted) {
      const isNew = registries.configure(wanted);
      applying = applying.then(apply).catch((thrown) =>
        log.error("Podman was not told how registries are reached", { reason: messageOf(thrown) })
      ).then(() => intents.reached(revision));
      return isNew;
    },
  };
}
