/** Lists come in pages: how one is asked for, and what it holds. */
import { z } from "zod";

/** The most rows of one page, and how many it has where nobody says. */
export const PAGE_ROWS = 1000;

/** What every list can be asked. */
export const paging = {
  /** 1 to 1000. */
  limit: z.string().regex(/^([1-9]\d{0,2}|1000)$/).exactOptional(),
  /** `next` of the page before. */
  after: z.string().regex(/^[A-Za-z0-9_-]{1,1000}$/).exactOptional(),
};

/** A page of a list: `next` stands where there are more. */
export function listOf<Item extends z.ZodType>(item: Item): z.ZodObject<{
  items: z.ZodArray<Item>;
  next: z.ZodExactOptional<z.ZodString>;
}> {
  return z.object({
    items: z.array(item),
    /** For `?after=` of the next page; absent: this is the last one. */
    next: z.string().exactOptional(),
  });
}
