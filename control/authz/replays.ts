/**
 * Takes each counter of a key once, over starts of the control plane too: the windows are in memory,
 * and a mark above every counter that was taken is in the database. It is moved in blocks, so that
 * a request seldom costs a write; at the start all below it counts as used.
 */
import type { KeyId } from "../../shared/model/ids.ts";
import type { Nodes } from "../store/nodes.ts";
import { type CounterWindow, useCounter, windowFrom } from "./window.ts";

/** At most what a node skips when it is told that a counter is too low. */
const BLOCK = 1_024n;

export interface Replays {
  /** True once for each counter of a key; the signature must have been verified. */
  use(key: KeyId, counter: bigint): boolean;
  /** Stores how far each key is, so that a planned start loses no counter. */
  close(): void;
}

interface KeyState {
  readonly window: CounterWindow;
  readonly mark: bigint;
}

export function createReplays(nodes: Pick<Nodes, "requestMark" | "setRequestMark">): Replays {
  const states = new Map<KeyId, KeyState>();
  function load(key: KeyId): KeyState {
    const mark = nodes.requestMark(key) ?? 0n;
    return { window: windowFrom(mark), mark };
  }
  return {
    use(key, counter) {
      const state = states.get(key) ?? load(key);
      const window = useCounter(state.window, counter);
      if (window === null) return false;
      let { mark } = state;
      if (window.high >= mark) {
        mark = window.high + BLOCK;
        nodes.setRequestMark(key, mark);
      }
      states.set(key, { window, mark });
      return true;
    },
    close() {
      for (const [key, { window }] of states) nodes.setRequestMark(key, window.high + 1n);
    },
  };
}
