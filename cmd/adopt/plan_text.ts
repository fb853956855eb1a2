/** A plan of an adoption, for people. Pure. */
import { type Paint, printable } from "../terminal.ts";
import type { Origin } from "./findings.ts";
import { type AdoptPlan, sizeText } from "./plan.ts";

/** The lines of a plan, each with its newline. */
export function adoptPlanText(plan: AdoptPlan, origin: Origin, paint: Paint): string {
  const from = origin.kind === "engine"
    ? `${origin.title} (${origin.socket})`
    : [origin.volumes, origin.images].filter((each) => each !== null).join(" and ");
  const lines = [
    paint("strong", `${plan.project}, from ${printable(from)}`),
    ...plan.images.map((each) =>
      `  image ${printable(each.reference)} of ${each.service}: ` +
      (each.here
        ? "is here already"
        : each.sizeBytes === null
        ? "copied"
        : `copied, ${sizeText(each.sizeBytes)}`)
    ),
    ...plan.stop.map((each) =>
      `  container ${printable(each.name)}: ${each.running ? "stopped" : "stays stopped"}` +
      (["", "no"].includes(each.restart.Name)
        ? ""
        : `, its restart policy ${each.restart.Name} put to no`)
    ),
    ...plan.volumes.map((each) =>
      `  volume ${printable(each.from)}: copied to ${printable(each.to)}, ${sizeText(each.bytes)}`
    ),
    ...plan.remarks.map((each) => `  ${paint("dim", "note:")} ${printable(each)}`),
    ...plan.faults.map((each) => `  ${paint("bad", "refused:")} ${printable(each)}`),
  ];
  return lines.map((line) => `${line}\n`).join("");
}

/** What is left of the old project, and how it goes once it is not needed any more. */
export function leftoverText(plan: AdoptPlan, origin: Origin): string {
  const volumes = plan.volumes.map((each) => each.from).join(" ");
  const containers = plan.stop.map((each) => each.name).join(" ");
  const engine = origin.kind === "engine" && origin.title.startsWith("Podman")
    ? "podman"
    : "docker";
  if (origin.kind === "files") return `The old data is untouched.\n`;
  return [
    "The old containers and volumes are untouched. Back to them: " +
    `skerry adopt --undo ${plan.project}`,
    "Once you need them no more, you may remove them:",
    `  ${engine} rm ${containers}`,
    ...(volumes === "" ? [] : [`  ${engine} volume rm ${volumes}`]),
    "",
  ].join("\n");
}
