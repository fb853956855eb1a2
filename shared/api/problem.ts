/** Errors on the wire: RFC 9457 problem details with a code for programs and a way out for people. */
import { z } from "zod";
import { SkerryError } from "../errors.ts";

/** The media type of {@link Problem}. */
export const PROBLEM_TYPE = "application/problem+json";

export const Problem = z.object({
  /** `about:blank` or `tag:skerry,2026:CODE`. */
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string(),
  /** Stable, for programs, such as `image_not_found`. */
  code: z.string(),
  /** What to do, a sentence in the imperative. */
  remedy: z.string().nullable(),
  /** When it may be tried again. */
  retryAfterSeconds: z.int().positive().exactOptional(),
  /** The single faults, where there are several. */
  errors: z.array(
    z.object({ code: z.string(), detail: z.string(), remedy: z.string().nullable() }),
  ).exactOptional(),
});
export type Problem = z.infer<typeof Problem>;

/** A problem that an API answered with; thrown by the client. */
export class ApiError extends SkerryError {
  override readonly name = "ApiError";
  constructor(readonly status: number, readonly problem: Problem) {
    const more = problem.errors === undefined || problem.errors.length < 2
      ? ""
      : "\n" + problem.errors.map((each) => `- ${each.detail}`).join("\n");
    super(problem.code, problem.detail + more, problem.remedy);
  }
}
