/**
 * Lists, a page at a time. The order is that of a key which each row has alone, and a cursor is the
 * key of the last row that was given: a row that comes or goes meanwhile moves no other one.
 */
import { z } from "zod";
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { PAGE_ROWS, paging } from "../../shared/api/page.ts";
import { SkerryError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/model/hash.ts";
import type { Context } from "../context.ts";
import { answerJson, type Asked, route, type RouteHandler } from "./route.ts";

const Key = z.array(z.union([z.string(), z.number()])).min(1).max(8);
export type Key = readonly (string | number)[];

/** What was asked of a list. */
export interface Page {
  readonly limit: number;
  /** Key of the last row that the asker has; null: begin. */
  readonly after: Key | null;
}

/** What the rows of a list are, and in which order they come. */
export interface Rows<Params, Query, Row> {
  /** All rows, in any order; or those that come `after` alone, more than `limit` of them. */
  rows(
    context: Context,
    asked: Asked<Params, Query>,
    page: Page,
  ): readonly Row[] | Promise<readonly Row[]>;
  /** No two rows have the same. Texts come by their letters, numbers by size. */
  key(row: Row): Key;
  /** The greatest key first. */
  readonly descending?: true;
}

function compare(one: Key, other: Key): number {
  for (const [at, a] of one.entries()) {
    const b = other[at];
    if (b === undefined) return 1;
    if (a === b) continue;
    if (typeof a === typeof b) return a < b ? -1 : 1;
    return typeof a === "number" ? -1 : 1;
  }
  return one.length - other.length;
}

/** An opaque word for a key. */
export function cursorOf(key: Key): string {
  return new TextEncoder().encode(JSON.stringify(key))
    .toBase64({ alphabet: "base64url", omitPadding: true });
}

function keyOf(cursor: string): Key {
  try {
    const bytes = Uint8Array.fromBase64(cursor, { alphabet: "base64url" });
    return Key.parse(JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)));
  } catch {
    throw new SkerryError(
      "bad_request",
      `"${cursor.slice(0, 100)}" is no cursor of this list`,
      "Use `next` of the page before as `after`, as it is.",
    );
  }
}

/** The rows of a page, and the cursor of the next one. Pure. */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit, after }: Page,
  of: Pick<Rows<never, never, Row>, "key" | "descending">,
): { readonly items: Row[]; readonly next?: string } {
  const turn = of.descending === true ? -1 : 1;
  const sorted = rows.map((row) => ({ row, key: of.key(row) }))
    .sort((a, b) => turn * compare(a.key, b.key));
  const rest = after === null ? sorted : sorted.filter(({ key }) => turn * compare(key, after) > 0);
  const items = rest.slice(0, limit).map(({ row }) => row);
  const last = rest[limit - 1];
  return rest.length > limit && last !== undefined
    ? { items, next: cursorOf(last.key) }
    : { items };
}

const Asking = z.object(paging);

/** The handler of a list. */
export function listRoute<P extends z.ZodObject, Q extends z.ZodObject, Row extends z.ZodType>(
  described: Endpoint & {
    readonly params: P;
    readonly query: Q;
    readonly answer: {
      readonly status: 200;
      readonly json: z.ZodType<{ items: z.infer<Row>[]; next?: string }>;
    };
  },
  of: Rows<z.infer<P>, z.infer<Q>, z.infer<Row>>,
): RouteHandler {
  return route(described, async (context, asked) => {
    const { limit, after } = Asking.parse(asked.query);
    const page: Page = {
      limit: Number(limit ?? PAGE_ROWS),
      after: after === undefined ? null : keyOf(after),
    };
    const rows = await of.rows(context, asked, page);
    const answer = pageOf(rows, page, of);
    // Who watches the first page hears of changes on the others, too.
    const whole = answer.next !== undefined || page.after !== null;
    return answerJson(
      described,
      answer,
      whole && described.watch === true
        ? { etag: `"${sha256(JSON.stringify(rows)).slice(0, 32)}"` }
        : {},
    );
  });
}
