/** A deployment and its container as people read them. */
import type { ContainerDescription } from "../../shared/api/descriptions.ts";
import { reasonText, shortHash, stageTone } from "../output/words.ts";
import { printable } from "../terminal.ts";
import {
  eventSection,
  fieldLines,
  limitLines,
  momentAgo,
  type Pen,
  section,
  strainLines,
  textOf,
  whySection,
} from "./sections.ts";

/** The text of a description. */
export function containerText(of: ContainerDescription, pen: Pen): string {
  const { now, paint } = pen;
  const { container: shown } = of;
  const { container } = shown;
  const ended = container?.finishedAt ?? null;
  return textOf([
    `${paint("strong", `${shown.project}/${shown.service}/${shown.slot}`)} (${shown.kind}): ` +
    `${paint(stageTone(shown.stage), shown.stage)}, health ${shown.health}`,
    ...fieldLines([
      ["deployment", `${shown.deployment}, wanted: ${shown.want}`],
      ["container", container === null ? "none" : `${container.id} (${container.state})`],
      ["name", shown.name],
      ["node", shown.node],
      ["addresses", shown.addresses.join(", ")],
      ["image", `${shown.image.reference} ${shortHash(shown.image.digest ?? shown.image.id)}`],
      ["spec", shortHash(of.specHash)],
      ["release", of.release],
      ["takes the place of", of.replaces ?? ""],
      ["wanted since", momentAgo(of.createdAt, now)],
      ["started", momentAgo(container?.startedAt ?? null, now)],
      ["ended", ended === null ? "" : `${momentAgo(ended, now)}, ${exitText(container?.exitCode)}`],
      ["restarts", String(shown.restarts)],
    ]),
    ...whySection(pen, of.why, shown.pull ?? (reasonText(shown.reason) || undefined)),
    ...section(pen, "Last lines of its log", pen.log),
    ...section(pen, "Limits", [...limitLines(shown, paint), ...strainLines(shown)]),
    ...section(pen, "Wanted", of.wanted.map(({ field, value }) => printable(`${field}: ${value}`))),
    ...eventSection(pen),
  ]);
}

function exitText(code: number | null | undefined): string {
  return code === null || code === undefined ? "exit code unknown" : `exit code ${code}`;
}
