/** Keeps what happened on this node, and tells it to who asks. */
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import type { EventKind, EventSubject, NodeEvent } from "../../shared/model/event.ts";
import type { EventRequest } from "../../shared/model/link.ts";
import { eventsBetween } from "./diff.ts";
import { type Journal, type JournalBudget, type Line, openJournal } from "./journal.ts";
import { type EventTurn, type Facts, factsOf } from "./state.ts";

export const EVENT_BUDGET: JournalBudget = { totalBytes: 16 << 20, segmentBytes: 1 << 20 };
/** A follower that does not read loses the oldest beyond so many lines. */
const MAX_WAITING = 1_000;

export interface EventKeeper {
  /** Takes a turn; returns at once and writes where something happened. */
  offer(turn: EventTurn): void;
  /** Tells what no turn shows: of the node, or of what it is about. */
  tell(kind: EventKind, message: string, subject?: EventSubject): void;
  held: Journal["held"];
  dropSegment: Journal["dropSegment"];
  read(request: EventRequest, signal: AbortSignal): AsyncIterable<NodeEvent>;
  /** Resolves when what was offered is written. */
  close(): Promise<void>;
}

export interface EventKeeperDeps {
  readonly folder: string;
  readonly budget?: JournalBudget;
  readonly clock: Clock;
  readonly log: Log;
}

export async function createEventKeeper(deps: EventKeeperDeps): Promise<EventKeeper> {
  const journal: Journal = await openJournal(deps.folder, deps.budget ?? EVENT_BUDGET);
  const followers = new Set<(line: Line) => void>();
  let writing: Promise<void> = Promise.resolve();
  let failing = false;

  async function write(facts: Facts, events: readonly NodeEvent[]): Promise<void> {
    // Where nothing is to be told nothing is written: an idle box leaves its disk alone.
    if (events.length === 0) return;
    try {
      const line = await journal.append(facts, events);
      failing = false;
      for (const follower of followers) follower(line);
    } catch (thrown) {
      // The next turn tells it again, from the facts that are on the disk.
      if (!failing) deps.log.error("events cannot be written", { reason: messageOf(thrown) });
      failing = true;
    }
  }

  async function* kept(request: EventRequest): AsyncGenerator<{ event: NodeEvent; n: number }> {
    for await (const line of journal.lines()) {
      for (const event of line.events) {
        if (isAskedFor(event, request)) yield { event, n: line.n };
      }
    }
  }

  return {
    offer(turn) {
      const facts = factsOf(turn);
      const now = deps.clock.now();
      writing = writing.then(() => write(facts, eventsBetween(journal.facts(), facts, now)));
    },
    tell(kind, message, subject) {
      const event: NodeEvent = { at: deps.clock.now(), kind, subject: subject ?? null, message };
      writing = writing.then(() => write(journal.facts(), [event]));
    },
    held: journal.held,
    dropSegment: journal.dropSegment,
    async *read(request, signal) {
      const waiting: Line[] = [];
      let wake: () => void = () => undefined;
      const follower = (line: Line) => {
        if (waiting.length >= MAX_WAITING) waiting.shift();
        waiting.push(line);
        wake();
      };
      const left = () => wake();
      if (request.follow) followers.add(follower);
      signal.addEventListener("abort", left);
      try {
        let last = -1;
        const shown: NodeEvent[] = [];
        for await (const { event, n } of kept(request)) {
          last = n;
          shown.push(event);
          if (request.tail !== undefined && shown.length > request.tail) shown.shift();
        }
        yield* shown;
        while (request.follow && !signal.aborted) {
          const line = waiting.shift();
          if (line === undefined) {
            await new Promise<void>((resolve) => wake = resolve);
          } else if (line.n > last) {
            for (const event of line.events) if (isAskedFor(event, request)) yield event;
          }
        }
      } finally {
        followers.delete(follower);
        signal.removeEventListener("abort", left);
      }
    },
    close: () => writing,
  };
}

/** Does a person who asked this want to hear of it? Pure. */
export function isAskedFor(event: NodeEvent, request: EventRequest): boolean {
  const { project, service, since, until } = request;
  return (project === undefined || event.subject?.project === project) &&
    (service === undefined || event.subject?.service === service) &&
    (since === undefined || event.at >= Date.parse(since)) &&
    (until === undefined || event.at <= Date.parse(until));
}
