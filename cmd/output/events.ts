/** Events as people read them. */
import type { ApiClient } from "../../shared/api/client.ts";
import type { EventKind, NodeEvent } from "../../shared/model/event.ts";
import { printable, type Tone } from "../terminal.ts";
import type { Column } from "./table.ts";

/** What colour an event is shown in. */
export function eventTone(kind: EventKind): Tone {
  switch (kind) {
    case "unhealthy":
    case "pull_failed":
    case "exited":
    case "killed_for_memory":
    case "limits_differ":
    case "process_limit":
    case "process_killed":
    case "crash_loop":
    case "failed":
    case "gave_up":
    case "blocked":
    case "control_lost":
      return "bad";
    case "healthy":
    case "recovered":
    case "completed":
    case "route_published":
    case "named":
    case "control_back":
    case "unblocked":
    case "image_ready":
      return "good";
    case "pulling":
    case "run_begun":
    case "run_ended":
    case "resumed":
    case "created":
    case "started":
    case "restarting":
    case "retiring":
    case "route_withdrawn":
    case "unnamed":
      return "busy";
    case "wanted":
    case "retired":
    case "removed":
    case "skerry_started":
    case "intent_received":
    case "collected":
    case "run_skipped":
    case "suspended":
      return "dim";
  }
}

/** Date and time in UTC, to the second. */
export function momentText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace("T", " ") + "Z";
}

/** Where it happened. */
export function subjectText({ subject }: NodeEvent): string {
  if (subject === null) return "(node)";
  const service = subject.service === null ? "" : `/${subject.service}`;
  return `${subject.project}${service}${subject.slot === null ? "" : `/${subject.slot}`}`;
}

const TIME: Column<NodeEvent> = { title: "TIME", cell: ({ at }) => momentText(at) };
const KIND: Column<NodeEvent> = {
  title: "EVENT",
  cell: ({ kind }) => ({ text: kind, tone: eventTone(kind) }),
};
const MESSAGE: Column<NodeEvent> = { title: "WHAT", cell: ({ message }) => printable(message) };

export const EVENT_COLUMNS: readonly Column<NodeEvent>[] = [
  TIME,
  { title: "SERVICE", cell: subjectText },
  KIND,
  MESSAGE,
];

/** The same thing that happened once or more. */
export interface RepeatedEvent {
  /** The last time that it happened. */
  readonly event: NodeEvent;
  readonly firstAt: number;
  readonly count: number;
}

/** Events that say the same of the same are one, by the time of the last. Pure. */
export function coalesced(events: readonly NodeEvent[]): readonly RepeatedEvent[] {
  const repeated = new Map<string, RepeatedEvent>();
  for (const event of events) {
    const { kind, subject, message } = event;
    // What is the same but for a count, or a time of day such as when it is tried again, is the same.
    const said = message.replaceAll(/\b\d\d:\d\d:\d\d\b|\b\d+(?= times in a row)/g, "");
    const key = JSON.stringify([kind, subject?.project, subject?.service, subject?.slot, said]);
    const before = repeated.get(key);
    repeated.delete(key);
    repeated.set(key, {
      event,
      firstAt: before?.firstAt ?? event.at,
      count: (before?.count ?? 0) + 1,
    });
  }
  return [...repeated.values()];
}

/** For descriptions. */
export const REPEATED_EVENT_COLUMNS: readonly Column<RepeatedEvent>[] = [
  { title: "TIME", cell: ({ event }) => momentText(event.at) },
  {
    title: "TIMES",
    cell: ({ count, firstAt, event }) => {
      const [last, first] = [momentText(event.at), momentText(firstAt)];
      // The day is said once.
      const sameDay = last.slice(0, 10) === first.slice(0, 10);
      return count === 1 ? "" : `${count} since ${sameDay ? first.slice(11) : first}`;
    },
  },
  { title: "OF", cell: ({ event }) => subjectText(event) },
  {
    title: "EVENT",
    cell: ({ event: { kind } }) => ({ text: kind, tone: eventTone(kind) }),
  },
  { title: "WHAT", cell: ({ event }) => printable(event.message) },
];

const LAST = 200;
/** Where only some of them are meant, so many are gone through. */
const LOOKED_THROUGH = 5_000;
const WITHIN_MS = 5_000;

/** Which events are meant. */
export interface EventsWanted {
  readonly project?: string;
  readonly service?: string;
  /** Of those, which; absent: all. */
  about?(event: NodeEvent): boolean;
}

/** The last events of a thing, or none where they cannot be had: this is a help, not an answer. */
export async function lastEvents(
  api: Pick<ApiClient, "events">,
  { about, ...of }: EventsWanted,
): Promise<NodeEvent[]> {
  const events: NodeEvent[] = [];
  try {
    const query = { ...of, tail: about === undefined ? LAST : LOOKED_THROUGH };
    for await (const event of api.events(query, AbortSignal.timeout(WITHIN_MS))) events.push(event);
  } catch {
    return [];
  }
  return about === undefined ? events : events.filter(about).slice(-LAST);
}
