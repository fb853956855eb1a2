/** How sizes, percentages and times of the disk are written on the command line. */
import { z } from "zod";

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  KIB: 1024,
  MIB: 1024 ** 2,
  GIB: 1024 ** 3,
  TIB: 1024 ** 4,
  KI: 1024,
  MI: 1024 ** 2,
  GI: 1024 ** 3,
  TI: 1024 ** 4,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
};
const LEAST_BUDGET = 64 * 1024 ** 2;
const LEAST_METRICS = 1024 ** 2;
const MOST_METRICS = 16 * 1024 ** 3;

/** 0: it is no size. */
function bytesOf(text: string): number {
  const parts = /^(\d{1,15}(?:\.\d{1,3})?) ?([a-z]*)$/i.exec(text);
  const unit = UNITS[parts?.[2]?.toUpperCase() ?? "?"];
  return unit === undefined ? 0 : Math.round(Number(parts?.[1]) * unit);
}

/** A size in bytes of what is kept of metrics. */
export const metricsBudget = z.string().transform((text, issues): number => {
  const bytes = bytesOf(text);
  if (bytes >= LEAST_METRICS && bytes <= MOST_METRICS) return bytes;
  issues.addIssue("write a size between 1MiB and 16GiB, such as 48MiB");
  return z.NEVER;
});
/** A size in bytes; null: `none`. */
export const budget = z.string().transform((text, issues): number | null => {
  if (text === "none") return null;
  const bytes = bytesOf(text);
  if (bytes >= LEAST_BUDGET && Number.isSafeInteger(bytes)) return bytes;
  issues.addIssue("write a size of at least 64MiB, such as 8GiB, or none");
  return z.NEVER;
});
/** Between 10 and 99. */
export const percent = z.string().regex(/^\d{1,2}$/, "write a percentage between 10 and 99")
  .transform(Number).refine((value) => value >= 10, "write a percentage between 10 and 99");
const SPAN: Readonly<Record<string, number>> = { s: 1e3, m: 6e4, h: 3.6e6, d: 8.64e7 };
/** A time in milliseconds. */
export const span = z.string().regex(/^\d{1,5}[smhd]$/, "write a time such as 24h, 30m or 7d")
  .transform((text) => Number(text.slice(0, -1)) * (SPAN[text.slice(-1)] ?? 0));
