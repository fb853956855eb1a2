/**
 * The file of events: lines of a checksum and JSON in numbered segments. One line holds all of one
 * turn, what happened and the facts that changed by it, so that after a crash either both are
 * there or neither, and the next turn tells it again. Each segment begins with all facts, but the
 * oldest: that has what is kept of events that are older than the others (share.ts).
 */
import { z } from "zod";
import { syncFolder, writeFileAtomically } from "../../shared/atomic_file.ts";
import { sha256 } from "../../shared/model/hash.ts";
import { NodeEvent } from "../../shared/model/event.ts";
import { segmentName } from "../logs/log_state.ts";
import { listSegments } from "../logs/segments.ts";
import { keptOf } from "./share.ts";
import { Fact, type Facts } from "./state.ts";

const Line = z.strictObject({
  /** Rises by one with each line. */
  n: z.int().nonnegative(),
  /** The facts are all there are, not changes alone. */
  whole: z.boolean(),
  facts: z.record(z.string(), Fact.nullable()),
  events: z.array(NodeEvent),
});
export type Line = z.infer<typeof Line>;

export interface JournalBudget {
  readonly totalBytes: number;
  readonly segmentBytes: number;
}

export interface Journal {
  /** As of the last line. */
  facts(): Facts;
  /** On the disk for good when it resolves; where it rejects nothing of it counts. */
  append(facts: Facts, events: readonly NodeEvent[]): Promise<Line>;
  /** Every whole line that is kept, oldest first. */
  lines(): AsyncIterable<Line>;
  /** Its segments, the oldest first; the last one is written to. */
  held(): Promise<readonly { readonly number: number; readonly bytes: number; active: boolean }[]>;
  /** Removes one that is not written to; what is told after it stays whole. */
  dropSegment(number: number): Promise<void>;
}

const CHECKSUM = 16;

/** Of the budget, for what is kept of the oldest events, shared fairly between services. */
const OLD_SHARE = 1 / 8;

/** A line as it stands in the file. */
export function encodeLine(line: Line): Uint8Array {
  const json = JSON.stringify(line);
  return new TextEncoder().encode(`${sha256(json).slice(0, CHECKSUM)} ${json}\n`);
}

/** null: cut or damaged. */
export function decodeLine(text: string): Line | null {
  const json = text.slice(CHECKSUM + 1);
  if (text[CHECKSUM] !== " " || sha256(json).slice(0, CHECKSUM) !== text.slice(0, CHECKSUM)) {
    return null;
  }
  try {
    return Line.parse(JSON.parse(json));
  } catch {
    // Of another version: what it cannot tell is left out.
    return null;
  }
}

/** The whole lines of a segment, and how many bytes there are up to the end of the last one. */
export function decodeSegment(bytes: Uint8Array): { lines: readonly Line[]; good: number } {
  const lines: Line[] = [];
  const decoder = new TextDecoder();
  let good = 0;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    if (end < 0) break;
    const line = decodeLine(decoder.decode(bytes.subarray(at, end)));
    at = end + 1;
    if (line === null) continue;
    lines.push(line);
    good = at;
  }
  return { lines, good };
}

/** Opens the journal of a folder, cutting off what a crash left half written. */
export async function openJournal(folder: string, budget: JournalBudget): Promise<Journal> {
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const pathOf = (number: number) => `${folder}/${segmentName(number)}`;
  const kept = await listSegments(folder);
  let facts = new Map<string, Fact>();
  let next = 0;
  let segment = kept.at(-1)?.number ?? 0;
  let size = Number.POSITIVE_INFINITY;
  const tail: Line[] = [];
  for (const { number } of [...kept].reverse()) {
    const { lines, good } = decodeSegment(await Deno.readFile(pathOf(number)));
    if (number === segment && lines[0]?.whole === true) {
      await Deno.truncate(pathOf(number), good);
      size = good;
    }
    tail.unshift(...lines);
    if (lines[0]?.whole === true) break;
  }
  for (const line of tail) {
    facts = folded(facts, line);
    next = line.n + 1;
  }

  async function add(line: Line): Promise<void> {
    const bytes = encodeLine(line);
    if (size + bytes.length > budget.segmentBytes) {
      const first = { ...line, whole: true, facts: Object.fromEntries(folded(facts, line)) };
      const begun = encodeLine(first);
      await writeFileAtomically(pathOf(segment + 1), begun, 0o600);
      segment += 1;
      size = begun.length;
      await dropOldest();
      return;
    }
    const path = pathOf(segment);
    try {
      using file = await Deno.open(path, { write: true });
      await file.seek(size, Deno.SeekMode.Start);
      let at = 0;
      while (at < bytes.length) at += await file.write(bytes.subarray(at));
      await file.syncData();
      size += bytes.length;
    } catch (thrown) {
      await Deno.truncate(path, size).catch(() => {});
      throw thrown;
    }
  }

  /** Of the two oldest segments one is made, until all keep to the budget. */
  async function dropOldest(): Promise<void> {
    while (true) {
      const files = await listSegments(folder);
      const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
      const [oldest, next] = files;
      if (total <= budget.totalBytes || oldest === undefined || next === undefined) return;
      if (next.number === segment) await Deno.remove(pathOf(oldest.number));
      else {
        const lines: Line[] = [];
        for (const { number } of [oldest, next]) {
          lines.push(...decodeSegment(await Deno.readFile(pathOf(number))).lines);
        }
        const kept = keptOf(lines, budget.totalBytes * OLD_SHARE).map(encodeLine);
        const bytes = new Uint8Array(
          await new Blob(kept.map((line) => line.slice())).arrayBuffer(),
        );
        // A crash in between leaves the older one there too: each line counts once by its number.
        await writeFileAtomically(pathOf(next.number), bytes, 0o600);
        await Deno.remove(pathOf(oldest.number));
      }
      await syncFolder(folder);
    }
  }

  return {
    facts: () => facts,
    async append(after, events) {
      const line: Line = {
        n: next,
        whole: false,
        facts: changes(facts, after),
        events: [...events],
      };
      await add(line);
      facts = folded(facts, line);
      next += 1;
      return line;
    },
    async held() {
      const files = await listSegments(folder);
      return files.map(({ number, bytes }) => ({ number, bytes, active: number >= segment }));
    },
    async dropSegment(number) {
      if (number >= segment) return;
      await Deno.remove(`${folder}/${segmentName(number)}`);
      await syncFolder(folder);
    },
    async *lines() {
      let last = -1;
      for (const { number } of await listSegments(folder)) {
        const path = pathOf(number);
        const bytes = await Deno.readFile(path).catch((thrown) => {
          // Dropped meanwhile: its time was up.
          if (thrown instanceof Deno.errors.NotFound) return new Uint8Array();
          throw thrown;
        });
        for (const line of decodeSegment(bytes).lines) {
          if (line.n <= last) continue;
          last = line.n;
          yield line;
        }
      }
    },
  };
}

function folded(before: Facts, line: Line): Map<string, Fact> {
  const facts = line.whole ? new Map<string, Fact>() : new Map(before);
  for (const [key, fact] of Object.entries(line.facts)) {
    if (fact === null) facts.delete(key);
    else facts.set(key, fact);
  }
  return facts;
}

/** What makes `after` of `before`; empty where they are the same. */
export function changes(before: Facts, after: Facts): Record<string, Fact | null> {
  const changed: Record<string, Fact | null> = {};
  for (const [key, fact] of after) {
    const old = before.get(key);
    if (old === undefined || JSON.stringify(old) !== JSON.stringify(fact)) changed[key] = fact;
  }
  for (const key of before.keys()) if (!after.has(key)) changed[key] = null;
  return changed;
}
