/** Whether we read compose files as compose-go does, but for what is meant. Pure. */
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { childPath } from "../key_path.ts";
import { formatProblem } from "../problem.ts";
import type { ReadResult } from "../read.ts";
import { renderConfig } from "../render.ts";
import { MEANT_READINGS, type Printed, type Side } from "./meant_readings.ts";
import { meantAcceptance, meantRefusal } from "./meant_verdicts.ts";

/** What compose-go said. */
export const Answer = z.union([
  z.strictObject({ model: z.json() }),
  z.strictObject({ error: z.string() }),
]);
export type Answer = z.infer<typeof Answer>;

export type Comparison =
  /** Read alike, or refused by both. */
  | { readonly kind: "same"; readonly verdict: "read" | "refused" }
  /** Refused by one of the two, and that is meant. */
  | { readonly kind: "meant"; readonly reason: string }
  | {
    readonly kind: "differs";
    /** What equal differences share. */
    readonly topic: string;
    readonly what: string;
  };

/** A printed model without what is meant to differ. */
export function withoutMeant(value: Printed, side: Side, path = ""): Printed | undefined {
  let shown: Printed;
  if (Array.isArray(value)) {
    shown = value.flatMap((item) => withoutMeant(item, side, `${path}[]`) ?? []);
  } else if (typeof value === "object" && value !== null) {
    shown = Object.fromEntries(
      Object.entries(value).flatMap(([name, inner]) => {
        const kept = withoutMeant(inner, side, childPath(path, name));
        return kept === undefined ? [] : [[name, kept]];
      }),
    );
  } else shown = value;
  for (const { without } of MEANT_READINGS) {
    const kept = without(shown, path, side);
    if (kept === undefined) return undefined;
    shown = kept;
  }
  return shown;
}

/** The first place where two models differ; null: nowhere. */
function firstDifference(
  ours: Printed | undefined,
  theirs: Printed | undefined,
  path = "",
): { path: string; ours: Printed | undefined; theirs: Printed | undefined } | null {
  if (isDeepStrictEqual(ours, theirs)) return null;
  const inside = (value: Printed | undefined): value is { [key: string]: Printed } =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (inside(ours) && inside(theirs)) {
    for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      const below = firstDifference(ours[key], theirs[key], childPath(path, key));
      if (below !== null) return below;
    }
  }
  if (Array.isArray(ours) && Array.isArray(theirs) && ours.length === theirs.length) {
    for (const [at, item] of ours.entries()) {
      const below = firstDifference(item, theirs[at], `${path}[]`);
      if (below !== null) return below;
    }
  }
  return { path, ours, theirs };
}

function compareModels(ours: Printed, theirs: Printed): Comparison {
  const different = firstDifference(withoutMeant(ours, "ours"), withoutMeant(theirs, "theirs"));
  if (different === null) return { kind: "same", verdict: "read" };
  const { path } = different;
  const show = (value: Printed | undefined) => JSON.stringify(value) ?? "nothing";
  return {
    kind: "differs",
    topic: `reads ${path}`,
    what: `${path} is ${show(different.ours)}, for compose-go ${show(different.theirs)}`,
  };
}

/** Without what names a thing by chance, so that equal reasons look equal. */
const topicOf = (message: string) =>
  message.replaceAll(/"[^"]*"|`[^`]*`|'[^']*'/g, "_").replaceAll(/\d+/g, "0").slice(0, 160);

/** Compares our reading of so many files with theirs. */
export function compareReadings(ours: ReadResult, theirs: Answer, files: number): Comparison {
  if (ours.kind === "problems") {
    if ("error" in theirs) return { kind: "same", verdict: "refused" };
    const reasons = ours.problems.map((problem) => ({ problem, reason: meantRefusal(problem) }));
    const unmeant = reasons.find(({ reason }) => reason === null);
    if (unmeant === undefined) return { kind: "meant", reason: reasons[0]?.reason ?? "" };
    return {
      kind: "differs",
      topic: `refuses ${unmeant.problem.code}: ${topicOf(unmeant.problem.message)}`,
      what: `only we refuse it: ${formatProblem(unmeant.problem)}`,
    };
  }
  if ("error" in theirs) {
    const reason = meantAcceptance(theirs.error, files > 1);
    return reason !== null ? { kind: "meant", reason } : {
      kind: "differs",
      topic: `takes ${topicOf(theirs.error)}`,
      what: `only compose-go refuses it: ${theirs.error}`,
    };
  }
  const printed: Printed = JSON.parse(renderConfig(ours.model, "json"));
  return compareModels(printed, theirs.model);
}
