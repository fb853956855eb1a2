/** A network as people read it. */
import type { NetworkDescription } from "../../shared/api/descriptions.ts";
import { stageTone } from "../output/words.ts";
import {
  eventSection,
  fieldLines,
  type Pen,
  tableSection,
  textOf,
  whySection,
} from "./sections.ts";

/** The text of a description. */
export function networkText(of: NetworkDescription, pen: Pen): string {
  const { paint } = pen;
  const { network } = of;
  return textOf([
    `${paint("strong", network.key)} (network): ${of.members.length} on it`,
    ...fieldLines([
      ["name", network.name],
      ["projects", network.projects.join(", ")],
      ["way out", network.internal ? "none: it is internal" : "yes"],
    ]),
    ...whySection(pen, of.why),
    ...tableSection(pen, "Who is on it, and finds each other by name", [
      { title: "PROJECT", cell: (row) => row.project },
      { title: "SERVICE", cell: (row) => `${row.service}/${row.slot}` },
      { title: "ADDRESS", cell: (row) => row.addresses.join(", ") },
      { title: "ALSO CALLED", cell: (row) => row.aliases.join(", ") },
      {
        title: "STAGE",
        cell: ({ container: { stage } }) => ({ text: stage, tone: stageTone(stage) }),
      },
    ], of.members),
    ...eventSection(pen),
  ]);
}
