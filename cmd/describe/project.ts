/** A project, and one of its releases, as people read them. */
import type { ProjectDescription } from "../../shared/api/descriptions.ts";
import type { ReleaseView } from "../../shared/api/release.ts";
import { healthTone, readyCell, reasonText, stageTone } from "../output/words.ts";
import { printable } from "../terminal.ts";
import {
  eventSection,
  fieldLines,
  momentAgo,
  type Pen,
  section,
  tableSection,
  textOf,
  whySection,
} from "./sections.ts";

/** The text of a description. */
export function projectText(of: ProjectDescription, pen: Pen): string {
  const { now, paint } = pen;
  const { project } = of;
  const state = project.deleted ? paint("dim", "deleted") : project.releaseState ?? "new";
  return textOf([
    `${paint("strong", project.name)} (project): ${state}`,
    ...fieldLines([
      ["id", project.id],
      ["folder", project.sourceFolder ?? ""],
      ["made", momentAgo(project.createdAt, now)],
      ["release", project.release ?? "none"],
    ]),
    ...whySection(pen, of.why),
    ...tableSection(pen, "Services", [
      { title: "SERVICE", cell: (row) => row.name },
      { title: "READY", cell: readyCell },
      { title: "STAGE", cell: (row) => ({ text: row.stage, tone: stageTone(row.stage) }) },
      { title: "HEALTH", cell: (row) => ({ text: row.health, tone: healthTone(row.health) }) },
      { title: "IMAGE", cell: (row) => row.image.reference },
      { title: "REACHED AT", cell: (row) => [...row.urls, ...row.ports].join(", ") },
      { title: "WHY", cell: (row) => reasonText(row.reason) },
    ], of.services),
    ...tableSection(pen, "Volumes", [
      { title: "VOLUME", cell: (row) => row.name },
      { title: "STATE", cell: (row) => row.present ? row.state : "not made yet" },
      { title: "USED BY", cell: (row) => row.services.join(", ") },
    ], of.volumes),
    ...tableSection(pen, "Networks", [
      { title: "NETWORK", cell: (row) => row.key },
      { title: "WAY OUT", cell: (row) => row.internal ? "no" : "yes" },
      { title: "SERVICES", cell: (row) => row.services.join(", ") },
    ], of.networks),
    ...tableSection(pen, "Releases, the newest first", [
      { title: "NUMBER", cell: (row) => String(row.number) },
      { title: "RELEASE", cell: (row) => row.id },
      { title: "STATE", cell: (row) => row.deletes ? `delete, ${row.state}` : row.state },
      { title: "WHEN", cell: (row) => momentAgo(row.at, now) },
      { title: "BY", cell: (row) => row.by },
      { title: "WHY", cell: (row) => reasonText(row.reason) },
    ], of.releases),
    ...section(
      pen,
      "Changes",
      of.changes.map((change) =>
        printable(`${momentAgo(change.at, now)}, ${change.who}: ${change.summary}`)
      ),
    ),
    ...eventSection(pen),
  ]);
}

/** The text of a release. */
export function releaseText(of: ReleaseView, pen: Pen): string {
  const { now, paint } = pen;
  const tone = of.state === "done" ? "good" : of.state === "rolling" ? "busy" : "bad";
  return textOf([
    `${paint("strong", of.id)} (${of.deletes ? "delete" : "release"} of ${of.project}): ` +
    paint(tone, of.state),
    ...fieldLines([
      ["made", momentAgo(of.at, now)],
      ["by", of.by],
      ["follows", of.parent ?? "none: it is the first"],
    ]),
    ...section(pen, "Why", of.reason === null ? [] : [printable(of.reason.message)]),
    ...tableSection(pen, "What it does", [
      { title: "SERVICE", cell: (row) => `${row.service}/${row.slot}` },
      { title: "CHANGE", cell: (row) => row.change },
      { title: "STAGE", cell: (row) => ({ text: row.stage, tone: stageTone(row.stage) }) },
      { title: "HEALTH", cell: (row) => ({ text: row.health, tone: healthTone(row.health) }) },
      { title: "DONE", cell: (row) => row.done ? "yes" : "no" },
      { title: "WHY", cell: (row) => row.pull ?? reasonText(row.reason) },
    ], of.slots),
    ...section(
      pen,
      "Warnings",
      of.warnings.map(({ message, remedy }) =>
        printable(remedy === null ? message : `${message}: ${remedy}`)
      ),
    ),
    ...eventSection(pen),
  ]);
}
