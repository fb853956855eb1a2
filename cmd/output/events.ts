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
    case "intent_received":
    case "collected":
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

/** For one service, whose name need not be said again. */
export const SERVICE_EVENT_COLUMNS: readonly Column<NodeEvent>[] = [
  TIME,
  { title: "SLOT", cell: ({ subject }) => subject?.slot?.toString() ?? "" },
  KIND,
  MESSAGE,
];

const LAST = 20;
const WITHIN_MS = 5_000;

/** The last events of a service, or none where they cannot be had: this is a help, not an answer. */
export async function lastEvents(
  api: Pick<ApiClient, "events">,
  project: string,
  service: string,
): Promise<NodeEvent[]> {
  const events: NodeEvent[] = [];
  try {
    const query = { project, service, tail: LAST };
    for await (const event of api.events(query, AbortSignal.timeout(WITHIN_MS))) events.push(event);
  } catch {
    return [];
  }
  return events;
}
