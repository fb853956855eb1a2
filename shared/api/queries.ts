/** What the client's streams are asked for. */

export interface EventsQuery {
  readonly project?: string;
  readonly service?: string;
  readonly follow?: boolean;
  readonly tail?: number;
  /** RFC 3339. */
  readonly since?: string;
  /** RFC 3339. */
  readonly until?: string;
}

export interface LogsQuery extends Pick<EventsQuery, "service" | "follow" | "tail" | "since"> {
  /** Number of a run of that service. */
  readonly run?: number;
}

/** What is to be watched. */
export interface WatchQuery {
  readonly params?: Readonly<Record<string, string>>;
  readonly project?: string | undefined;
}
