/** What is remembered of a deployment's log: whose it is, and how far its source is copied. */
import { z } from "zod";
import { DeploymentId, ProjectId } from "../../shared/model/ids.ts";

export const LogState = z.strictObject({
  schema: z.literal(1),
  deployment: DeploymentId,
  project: ProjectId,
  service: z.string(),
  slot: z.int().positive(),
  /** The container's log that is being copied, and the bytes of it that are in segments. */
  source: z.strictObject({ containerId: z.string(), offset: z.int().nonnegative() }).nullable(),
  /** The segment that is written to, and its size when `offset` was true. */
  segment: z.int().positive(),
  segmentBytes: z.int().nonnegative(),
});
export type LogState = z.infer<typeof LogState>;

/** Null: not a state file (a cut one, or of another version). */
export function parseLogState(text: string): LogState | null {
  try {
    return LogState.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** File name of a segment: sorts as it counts. */
export function segmentName(number: number): string {
  return `${String(number).padStart(6, "0")}.log`;
}

/** Null: not a segment's name. */
export function segmentNumber(name: string): number | null {
  const match = /^(\d{6,9})\.log$/.exec(name);
  return match === null ? null : Number(match[1]);
}
