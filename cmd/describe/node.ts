/** A node as people read it. */
import { diskSentence } from "../../shared/disk_text.ts";
import type { NodeDescription } from "../../shared/api/descriptions.ts";
import {
  containerColumns,
  eventSection,
  fieldLines,
  momentAgo,
  type Pen,
  tableSection,
  textOf,
  whySection,
} from "./sections.ts";

/** The text of a description. */
export function nodeText(of: NodeDescription, pen: Pen): string {
  const { now, paint } = pen;
  const { node } = of;
  const { ingress } = node;
  const state = node.online ? paint("good", node.state ?? "online") : paint("bad", "offline");
  return textOf([
    `${paint("strong", node.name)} (node): ${state}`,
    ...fieldLines([
      ["id", node.id],
      ["version", node.agentVersion ?? "not known yet"],
      ["joined", momentAgo(node.createdAt, now)],
      ["reported", momentAgo(node.lastReportAt, now) || "not yet"],
      ["revision", `${node.revision} wanted, ${node.reportedRevision ?? "none"} reported`],
      ["containers", node.containerSubnet],
      [
        "ingress",
        ingress === null
          ? ""
          : `${ingress.httpPort}, ${ingress.httpsPort}: ${ingress.live ? "live" : "down"}`,
      ],
      ["disk", node.disk === null ? "" : diskSentence(node.disk)],
    ]),
    ...whySection(pen, of.why),
    ...tableSection(pen, "Containers", containerColumns(now), of.containers),
    ...tableSection(pen, "Volumes", [
      { title: "PROJECT", cell: (row) => row.project },
      { title: "VOLUME", cell: (row) => row.name },
      { title: "STATE", cell: (row) => row.present ? row.state : "not made yet" },
      { title: "USED BY", cell: (row) => row.services.join(", ") },
    ], of.volumes),
    ...eventSection(pen),
  ]);
}
