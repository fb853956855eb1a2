/** What each kind of thing that can be described has. */
import type { z } from "zod";
import type { Command } from "commander";
import type { ApiClient } from "../../shared/api/client.ts";
import type { WatchQuery } from "../../shared/api/queries.ts";
import type { Watchable } from "../../shared/api/endpoint.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Cli } from "../cli.ts";
import type { EventsWanted } from "../output/events.ts";
import type { Pen } from "./sections.ts";

export interface Kind<Answer> {
  readonly name: string;
  /** As usage: `<names...>`, or `[names...]` where none may be named. */
  readonly takes: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly described: Watchable<z.ZodType<Answer>>;
  /** What is meant by a word of a person, or by none; never empty. */
  find(asked: Asked, written: string | null): Promise<readonly WatchQuery[]>;
  text(answer: Answer, pen: Pen): string;
  /** Which events are about it. */
  events(answer: Answer): EventsWanted;
  /** Whose last lines help, because it is not well. */
  unwell?(answer: Answer): Unwell | null;
}

export interface Unwell {
  readonly project: string;
  readonly service: string;
  /** Of a run of it alone. */
  readonly run?: number;
}

/** Who asks, and of whom. */
export interface Asked {
  readonly cli: Cli;
  readonly command: Command;
  readonly api: ApiClient;
}

/** Those of a list that a word means; the error where there are none. */
export function meant<Row>(
  rows: readonly Row[],
  written: string,
  names: (row: Row) => readonly string[],
  what: string,
): readonly Row[] {
  const found = rows.filter((row) => names(row).includes(written));
  if (found.length > 0) return found;
  throw new SkerryError(
    "not_found",
    `there is no ${what} ${JSON.stringify(written.slice(0, 100))}`,
    `\`skerry get ${what}s\` lists those that there are`,
  );
}
