/** Records of a stream that is followed, over new starts of the control plane. */
import { SkerryError } from "../../shared/errors.ts";
import type { Cli } from "../cli.ts";
import { createPatience, watchSignal } from "./away.ts";

export interface Followed<Entry> {
  /**
   * @param opened called once the stream is there, before its first record
   * @param since RFC 3339: only from there on; absent: as the user asked
   */
  open(signal: AbortSignal, opened: () => void, since?: string): AsyncIterable<Entry>;
  /** When it happened, in milliseconds since 1970. */
  at(record: Entry): number;
  /** What tells it from others; of those that are told alike the order counts. */
  key(record: Entry): string;
}

/** Streams of several containers are not in order to the millisecond. */
const OVERLAP_MS = 2_000;
/** What was told within the overlap is known again among so many. */
const KNOWN = 20_000;

/**
 * Records until the user ends it or nobody reads on; each of them once. A control plane that goes
 * away is waited for, and asked for what comes from where the stream broke.
 */
export async function* recordsOf<Entry>(
  cli: Cli,
  { open, at, key }: Followed<Entry>,
): AsyncGenerator<Entry> {
  const { clock } = cli.host;
  const signal = watchSignal(cli);
  const patience = createPatience(cli, signal);
  /** How often each was told, the oldest first. */
  const known = new Map<string, number>();
  let last = 0;
  let first: number | null = null;
  let since: string | undefined;
  while (!signal.aborted) {
    const again = new Map(known);
    let broken: unknown = new SkerryError(
      "control_unreachable",
      "the stream ended",
      "see that `skerry up` runs; `skerry doctor` says what is wrong",
    );
    try {
      for await (const record of open(signal, () => patience.answered(), since)) {
        const id = key(record);
        const left = again.get(id) ?? 0;
        if (left > 0) {
          again.set(id, left - 1);
          continue;
        }
        known.set(id, (known.get(id) ?? 0) + 1);
        for (const oldest of known.keys()) {
          if (known.size <= KNOWN) break;
          known.delete(oldest);
        }
        last = at(record);
        first = Math.min(first ?? last, last);
        yield record;
      }
    } catch (thrown) {
      broken = thrown;
    }
    if (signal.aborted) return;
    // A clock that was set back meanwhile must not leave out what is new. Where nothing was told yet,
    // all that the user asked for is new.
    if (first !== null) {
      const from = Math.max(last - OVERLAP_MS, first);
      since = new Date(Math.min(from, clock.now())).toISOString();
    }
    await patience.wait(broken);
  }
}
