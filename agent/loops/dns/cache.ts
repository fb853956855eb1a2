/** Answers of upstreams, kept for their time and, for when no upstream answers, beyond it (RFC 8767). */
import type { Answer } from "./message.ts";

export interface Cached {
  readonly answer: Answer;
  /** Milliseconds of the caller's clock. */
  readonly storedAt: number;
  readonly freshUntil: number;
}

export interface AnswerCache {
  get(key: string, now: number): Cached | null;
  put(key: string, answer: Answer, now: number): void;
  readonly size: number;
}

export interface CacheLimits {
  readonly entries: number;
  readonly sizeBytes: number;
  /** How long after its time an answer may still be served. */
  readonly staleMs: number;
}

export const CACHE_LIMITS: CacheLimits = {
  entries: 4_000,
  sizeBytes: 4 * 1024 * 1024,
  staleMs: 86_400_000,
};

/** What an entry costs beside its bytes: the key, the Map's slot, the list of offsets. */
const ENTRY_OVERHEAD_BYTES = 256;

/** A cache that drops what was unused for longest. */
export function createAnswerCache(limits: CacheLimits = CACHE_LIMITS): AnswerCache {
  const entries = new Map<string, Cached>();
  let sizeBytes = 0;

  function drop(key: string): void {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    sizeBytes -= costOf(key, entry.answer);
  }

  return {
    get(key, now) {
      const entry = entries.get(key);
      if (entry === undefined) return null;
      if (now > entry.freshUntil + limits.staleMs) {
        drop(key);
        return null;
      }
      entries.delete(key);
      entries.set(key, entry);
      return entry;
    },
    put(key, answer, now) {
      drop(key);
      if (answer.ttlSeconds === null || answer.ttlSeconds === 0) return;
      const cost = costOf(key, answer);
      if (cost > limits.sizeBytes / 16) return;
      entries.set(key, { answer, storedAt: now, freshUntil: now + answer.ttlSeconds * 1000 });
      sizeBytes += cost;
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.entries && sizeBytes <= limits.sizeBytes) break;
        drop(oldest);
      }
    },
    get size() {
      return entries.size;
    },
  };
}

function costOf(key: string, answer: Answer): number {
  return answer.bytes.length + 2 * key.length + 8 * answer.ttlOffsets.length + ENTRY_OVERHEAD_BYTES;
}
