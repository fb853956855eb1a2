/** A link that went dead without a word: nothing tells a browser of it but that nothing comes. */

export interface WatchedLink {
  /** Aborts with the outer signal, when nothing came for too long, and when the browser is offline. */
  readonly signal: AbortSignal;
  /** Was it given up, rather than ended from outside? */
  readonly isDead: boolean;
  /** Something came; the next must come within so many milliseconds. */
  expect(withinMs: number): void;
  /** Nothing is expected any more. */
  end(): void;
  /** A wait before the next try, over at once when the browser has a network again. */
  pause(ms: number): Promise<void>;
}

/** Watches nothing until something is expected. */
export function watchSilence(outer?: AbortSignal): WatchedLink {
  const controller = new AbortController();
  let timer = 0;
  let isDead = false;
  const stop = () => controller.abort();
  const giveUp = () => {
    isDead = true;
    stop();
  };
  outer?.addEventListener("abort", stop);
  if (outer?.aborted === true) stop();
  // The browser knows sooner than the silence tells.
  addEventListener("offline", giveUp);
  return {
    signal: controller.signal,
    get isDead() {
      return isDead;
    },
    expect(withinMs) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, withinMs);
    },
    end() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", stop);
      removeEventListener("offline", giveUp);
    },
    pause: (ms) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(waiting);
          removeEventListener("online", done);
          resolve();
        };
        const waiting = setTimeout(done, ms);
        addEventListener("online", done);
      }),
  };
}
