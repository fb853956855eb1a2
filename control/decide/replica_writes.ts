/** What the replicas of one service would all write. Pure. */
import type { Warning } from "../../shared/api/release.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";

/** Many programs, databases above all, take what they write for theirs alone. */
export function replicaWarnings(
  service: string,
  { mounts }: ServiceSpec,
  replicas: number,
  volumeName: (id: string) => string,
): Warning[] {
  if (replicas < 2) return [];
  const written = new Set(
    mounts.flatMap((mount) =>
      (mount.kind === "volume" || mount.kind === "bind") && !mount.readOnly
        ? [
          mount.kind === "volume"
            ? `the volume "${volumeName(mount.volume)}"`
            : `the folder "${mount.source}" of the host`,
        ]
        : []
    ),
  );
  return [...written].map((what) => ({
    code: "replicas_write",
    message: `the ${replicas} replicas of service "${service}" would all write ${what}`,
    remedy:
      "Keep one replica where the program takes its data for its own alone, as databases do; " +
      "write :ro where they only read.",
  }));
}
