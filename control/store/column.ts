/** Columns that hold JSON, or a yes or no. */
import { z } from "zod";

/** A text column with JSON of a known shape. */
export function jsonColumn<S extends z.ZodType>(schema: S): z.ZodType<z.infer<S>, string> {
  return z.string().transform((text): z.infer<S> => schema.parse(JSON.parse(text)));
}

/** 0 or 1. */
export const flagColumn = z.number().transform((value) => value !== 0);
