/** A volume as people read it. */
import type { VolumeDescription } from "../../shared/api/descriptions.ts";
import {
  eventSection,
  fieldLines,
  momentAgo,
  type Pen,
  slotColumns,
  tableSection,
  textOf,
  whySection,
} from "./sections.ts";

/** The text of a description. */
export function volumeText(of: VolumeDescription, pen: Pen): string {
  const { now, paint } = pen;
  const { volume } = of;
  const state = volume.present ? paint("good", volume.state) : paint("busy", "not made yet");
  return textOf([
    `${paint("strong", `${volume.project}/${volume.name}`)} (volume): ${state}`,
    ...fieldLines([
      ["id", volume.id],
      ["in Podman", volume.engineName],
      ["node", volume.node],
      ["wanted since", momentAgo(volume.createdAt, now)],
      ["used by", volume.services.join(", ") || "nobody; its data stays"],
    ]),
    ...whySection(pen, of.why),
    ...tableSection(pen, "Mounts", [
      { title: "SERVICE", cell: (row) => `${row.service}/${row.slot}` },
      { title: "AT", cell: (row) => row.target },
      { title: "MODE", cell: (row) => row.readOnly ? "read only" : "read and write" },
      { title: "FOLDER OF IT", cell: (row) => row.subpath ?? "" },
    ], of.mounts),
    ...tableSection(pen, "Containers", slotColumns(now), of.containers),
    ...eventSection(pen),
  ]);
}
