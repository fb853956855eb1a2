/**
 * The counter of the node's signed requests, reserved on disk in blocks: after a crash the rest of a
 * block is lost, and no counter is ever used twice.
 */
import { join } from "node:path";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import { SkerryError } from "../../shared/errors.ts";
import { MAX_COUNTER } from "../../shared/signing/request.ts";

/** At least what the control plane reserves at once, so that one skip passes its mark. */
export const BLOCK = 1_024n;
const FILE = "counter.json";

export interface RequestCounter {
  /** A counter above all before. */
  next(): Promise<bigint>;
  /** Leaves a block out: the control plane was started anew and takes none of this one. */
  skip(): Promise<void>;
}

/**
 * @param folder that of the keys which the counter belongs to
 * @param nowMs where there is no file the counter begins at this × 2^20, so that a node that lost the
 * file alone goes on above what it has used
 */
export async function openCounter(folder: string, nowMs: number): Promise<RequestCounter> {
  const path = join(folder, FILE);
  const text = await readTextIfThere(path);
  let next = text === null ? BigInt(Math.max(0, Math.floor(nowMs))) << 20n : fromFile(path, text);
  /** The first counter that is not reserved. */
  let end = next;
  let turn: Promise<unknown> = Promise.resolve();

  async function reserve(from: bigint): Promise<void> {
    if (from + BLOCK > MAX_COUNTER) {
      throw new SkerryError(
        "counter_used_up",
        `the counter of the node's requests is at its end, ${MAX_COUNTER}`,
        "join the node with fresh keys",
      );
    }
    await writeFileAtomically(path, JSON.stringify({ next: String(from + BLOCK) }), 0o600);
    next = from;
    end = from + BLOCK;
  }
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = turn.then(work);
    turn = done.catch(() => undefined);
    return done;
  }
  return {
    next: () =>
      inTurn(async () => {
        if (next >= end) await reserve(next);
        const counter = next;
        next += 1n;
        return counter;
      }),
    skip: () => inTurn(() => reserve(next + BLOCK)),
  };
}

function fromFile(path: string, text: string): bigint {
  const found = /^\{"next":"(0|[1-9]\d{0,18})"\}$/.exec(text)?.[1];
  if (found !== undefined) return BigInt(found);
  throw new SkerryError(
    "bad_counter",
    `the file "${path}" holds no counter`,
    "remove that file: the counter then goes on from the clock",
  );
}
