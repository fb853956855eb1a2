/** `volumes_from` of a service: what another service mounts, mounted here too. */
import type { Read } from "./fields.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";

/** `SERVICE`, `SERVICE:ro` or `SERVICE:rw`; containers of others are reported. */
export function readVolumesFrom(reading: Reading): Read<string[]> {
  const { problems, scalars } = reading;
  return (node, label) =>
    (scalars.texts(node, label) ?? []).filter((text) => {
      const [service = "", mode, more] = text.split(":");
      if (service === "container") {
        problems.report(
          node.at,
          "not-carried-out",
          `${quoted(text)} is not carried out: containers of others are not seen`,
          "write the same volumes here, with external: true at the top level",
        );
        return false;
      }
      const right = service !== "" && more === undefined &&
        (mode === undefined || mode === "ro" || mode === "rw");
      if (!right) {
        problems.report(
          node.at,
          "value",
          `${quoted(text)} cannot be "${label}"`,
          'write "SERVICE" or "SERVICE:ro"',
        );
      }
      return right;
    });
}

/** The services that volumes are taken from, and whether they are read only here. */
export function volumeSources(
  volumesFrom: readonly string[] | undefined,
): { readonly service: string; readonly readOnly: boolean }[] {
  return (volumesFrom ?? []).map((text) => {
    const [service = "", mode] = text.split(":");
    return { service, readOnly: mode === "ro" };
  });
}
