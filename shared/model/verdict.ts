/** What a facet thinks of one thing that it looks after; `describe`, reports and pages print it as "why". */
import { z } from "zod";

/** Milliseconds since 1970 on the node's clock. */
export const Instant = z.int();
export type Instant = z.infer<typeof Instant>;

export const PHASES = ["prepare", "start", "publish", "retire"] as const;
export const Phase = z.enum(PHASES);
export type Phase = z.infer<typeof Phase>;

/** A fact for people: what is the matter, in one plain sentence, with a code for programs. */
export const Reason = z.strictObject({ code: z.string(), message: z.string() });
export type Reason = z.infer<typeof Reason>;

export type Verdict<Step> =
  | { readonly kind: "converged" }
  | {
    readonly kind: "do";
    readonly step: Step;
    readonly key: string;
    readonly phase: Phase;
    readonly why: string;
  }
  | {
    readonly kind: "waiting";
    readonly for: Reason;
    readonly since: Instant;
    readonly until?: Instant;
  }
  | { readonly kind: "blocked"; readonly reason: Reason; readonly remedy: string };

/** A verdict as it is reported. `subject` is a deployment id, a volume id, `routes`, `names`, … */
export const ReportedVerdict = z.strictObject({
  facet: z.string(),
  subject: z.string(),
  kind: z.enum(["converged", "do", "waiting", "blocked"]),
  phase: Phase.exactOptional(),
  reason: Reason,
  remedy: z.string().exactOptional(),
  since: Instant.exactOptional(),
  until: Instant.exactOptional(),
});
export type ReportedVerdict = z.infer<typeof ReportedVerdict>;
