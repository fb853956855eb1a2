/** What a plan says, for people. Pure. */
import type { z } from "zod";
import type { PlanAnswer, ServicePlan, Warning } from "../../shared/api/release.ts";
import { zonedText } from "../output/words.ts";
import { type Paint, printable, type Tone } from "../terminal.ts";

type Plan = z.infer<typeof PlanAnswer>;
type Change = "created" | "changed" | "unchanged" | "removed" | "kept" | "unused";

const MARK: Readonly<Record<Change, readonly [string, Tone]>> = {
  created: ["+", "good"],
  changed: ["~", "busy"],
  removed: ["-", "bad"],
  unchanged: ["=", "dim"],
  kept: ["=", "dim"],
  unused: ["=", "dim"],
};

function mark(change: Change, paint: Paint): string {
  const [sign, tone] = MARK[change];
  return paint(tone, sign);
}

function valueText(value: string | null): string {
  return value === null ? "(none)" : printable(value);
}

function clockLines({ schedule }: ServicePlan): string[] {
  if (schedule === undefined) return [];
  const { cron, timeZone, times } = schedule;
  const next = times.length === 0
    ? "suspended"
    : `next ${times.map((each) => zonedText(each, timeZone)).join(", ")}`;
  return [`    runs at ${printable(cron)} in ${printable(timeZone)}: ${next}`];
}

function serviceLines(plan: ServicePlan, paint: Paint): string[] {
  const slots = plan.slots.old === plan.slots.new
    ? ""
    : ` (${plan.slots.old} -> ${plan.slots.new} containers)`;
  const lines = [
    `${mark(plan.change, paint)} ${plan.kind} ${plan.service}: ${plan.change}${slots}`,
  ];
  if (plan.change === "unchanged") return [...lines, ...clockLines(plan)];
  if (plan.image !== null && plan.change === "created") {
    lines.push(`    image ${printable(plan.image.reference)}`);
  }
  for (const field of plan.fields) {
    lines.push(`    ${field.field}: ${valueText(field.old)} -> ${valueText(field.new)}`);
  }
  lines.push(...clockLines(plan));
  if (plan.order === "beside") {
    lines.push("    the new one starts beside the old one, which serves until it is healthy");
  } else if (plan.order === "stop_first") {
    const why = plan.orderReason === null ? "" : `: ${printable(plan.orderReason)}`;
    lines.push(`    the old one stops first${why}`);
  }
  return lines;
}

/** A warning on its lines. */
export function warningText(warning: Warning, paint: Paint): string {
  const remedy = warning.remedy === null ? "" : `\n  ${printable(warning.remedy)}`;
  return `${paint("busy", "warning:")} ${printable(warning.message)}${remedy}`;
}

/**
 * The lines of a plan.
 * @param all also what stays as it is
 */
export function planText(plan: Plan, paint: Paint, all: boolean): string {
  const shown = <Item extends { readonly change: Change }>(items: readonly Item[]) =>
    items.filter((item) =>
      all || (item.change !== "unchanged" && item.change !== "kept" && item.change !== "unused")
    );
  const lines = [
    ...shown(plan.services).flatMap((service) => serviceLines(service, paint)),
    ...shown(plan.volumes).map((volume) =>
      `${mark(volume.change, paint)} volume ${printable(volume.name)}: ${volume.change}`
    ),
    ...shown(plan.routes).map((route) =>
      `${mark(route.change, paint)} route ${printable(route.route)}: ${route.change}`
    ),
    ...shown(plan.secrets).map((secret) =>
      `${mark(secret.change, paint)} ${secret.kind ?? "secret"} ${
        printable(secret.name)
      }: ${secret.change}`
    ),
    ...(plan.changes ? [] : [`${plan.project} is so already: nothing changes`]),
  ];
  return lines.map((line) => line + "\n").join("");
}
