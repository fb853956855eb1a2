/** A service as people read it. */
import type { ServiceDescription } from "../../shared/api/descriptions.ts";
import { jobLines } from "../output/jobs.ts";
import { agoText, reasonText, shortHash, stageTone } from "../output/words.ts";
import { printable } from "../terminal.ts";
import {
  eventSection,
  limitLines,
  type Pen,
  section,
  slotColumns,
  strainLines,
  tableSection,
  textOf,
  whySection,
} from "./sections.ts";

/** The text of a description. */
export function serviceText(of: ServiceDescription, pen: Pen): string {
  const { now, paint } = pen;
  const { service } = of;
  const many = of.slots.length > 1;
  const limits = of.slots.flatMap((slot) =>
    [...limitLines(slot, paint), ...strainLines(slot)]
      .map((line) => many ? `slot ${slot.slot}: ${line}` : line)
  );
  return textOf([
    `${paint("strong", `${service.project}/${service.name}`)} (${service.kind}): ` +
    `${paint(stageTone(service.stage), service.stage)}, ` +
    `${service.slots.running} of ${service.slots.wanted} running`,
    `  image    ${printable(service.image.reference)} ` +
    paint("dim", shortHash(service.image.digest ?? service.image.id)),
    ...[...service.urls, ...service.ports].map((place) => `  reached  ${printable(place)}`),
    ...whySection(pen, of.why, reasonText(service.reason) || undefined),
    ...section(pen, "Runs", of.job === undefined ? [] : jobLines(of.job, now)),
    ...section(pen, "Last lines of its log", pen.log),
    ...tableSection(pen, "Containers", slotColumns(now), of.slots),
    ...section(pen, "Limits", [...new Set(limits)]),
    ...section(
      pen,
      "Routes",
      of.routes.map((route) =>
        `${printable(route.urls.join(", ") || `${route.host ?? "any"}${route.path}`)} -> ` +
        `port ${route.port}: ${route.live ? "live" : `not live: ${reasonText(route.reason)}`}`
      ),
    ),
    ...section(
      pen,
      "Volumes",
      of.volumes.map((volume) =>
        `${volume.name}: ${volume.state} (${volume.engineName} in Podman)`
      ),
    ),
    ...section(pen, "Wanted", of.wanted.map(({ field, value }) => printable(`${field}: ${value}`))),
    ...section(
      pen,
      "Changes",
      of.changes.map((change) =>
        printable(`${agoText(change.at, now)} ago, ${change.who}: ${change.summary}`)
      ),
    ),
    ...eventSection(pen),
  ]);
}
