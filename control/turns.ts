/** Work that must not go on twice at once for the same key. */

export interface Turns {
  /** Carries work out once all that was taken before for this key is over. */
  take<Result>(key: string, work: () => Promise<Result>): Promise<Result>;
}

/** Turns of one process. */
export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async take(key, work) {
      const before = last.get(key);
      const { promise: over, resolve } = Promise.withResolvers<void>();
      last.set(key, over);
      try {
        await before;
        return await work();
      } finally {
        if (last.get(key) === over) last.delete(key);
        resolve();
      }
    },
  };
}
