/** The `Healthcheck` of Docker's image format and of Compose: one form of test, one set of defaults. Pure. */
import type { HealthCheck } from "./service_spec.ts";

export type ExecCheck = Extract<HealthCheck, { kind: "exec" }>;

/** Docker's defaults; the looks while it starts come each second. */
export const TIMING_DEFAULTS: Omit<ExecCheck, "kind" | "command"> = {
  intervalMs: 30_000,
  timeoutMs: 30_000,
  retries: 3,
  startPeriodMs: 0,
  startIntervalMs: 1000,
};

/** The command that a `test` stands for; null: none (`NONE`, empty, or a form that nobody knows). */
export function commandOfTest(test: readonly string[]): readonly string[] | null {
  const [form, ...rest] = test;
  if (rest.length === 0) return null;
  switch (form) {
    case "CMD":
      return rest;
    case "CMD-SHELL":
      // The container's own shell, as Docker says: nothing of this runs on the host.
      return ["/bin/sh", "-c", rest.join(" ")];
    default:
      return null;
  }
}
