/**
 * Which counters of a key were used: a window of the last 1,024 (as RFC 4303, section 3.4.3 has it).
 * Requests that overtake each other get in, each once; what is older than the window does not. Pure.
 */

/** How far behind the highest a counter may be. */
export const WINDOW_SIZE = 1_024n;

export interface CounterWindow {
  /** The highest counter that was used; −1: none. */
  readonly high: bigint;
  /** Bit n: the counter `high − n` was used. */
  readonly seen: bigint;
}

const ALL = (1n << WINDOW_SIZE) - 1n;

/** A window in which every counter below `mark` counts as used. */
export function windowFrom(mark: bigint): CounterWindow {
  return { high: mark - 1n, seen: ALL };
}

/** The window with this counter used; null: it was used before, or is too old to tell. */
export function useCounter(window: CounterWindow, counter: bigint): CounterWindow | null {
  const ahead = counter - window.high;
  if (ahead > 0n) {
    const seen = ahead >= WINDOW_SIZE ? 1n : ((window.seen << ahead) | 1n) & ALL;
    return { high: counter, seen };
  }
  if (-ahead >= WINDOW_SIZE) return null;
  const bit = 1n << -ahead;
  return (window.seen & bit) === 0n ? { high: window.high, seen: window.seen | bit } : null;
}
