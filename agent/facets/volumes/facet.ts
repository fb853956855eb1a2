/** Named volumes: made where missing. They go only by an explicit command, never from here. */
import type { MountOptions } from "../../../shared/model/sections.ts";
import type { Podman } from "../../drivers/podman/driver.ts";
import type { Facet, Planned, World } from "../../reconcile/world.ts";

export interface VolumeStep {
  readonly kind: "create_volume";
  readonly engineName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options?: MountOptions;
}

export function createVolumesFacet(
  deps: { readonly podman: Podman },
): Facet<"volumes", VolumeStep> {
  return {
    name: "volumes",
    async observe(_desired, signal) {
      const volumes = await deps.podman.listVolumes(signal);
      return { present: new Set(volumes.map((volume) => volume.name)) };
    },
    plan: planVolumes,
    async execute(step, _world, signal) {
      await deps.podman.createVolume(step.engineName, step, signal);
    },
  };
}

/** Pure. */
export function planVolumes(world: World): readonly Planned<VolumeStep>[] {
  return world.desired.volumes.flatMap((section) =>
    section.volumes.map((volume): Planned<VolumeStep> => ({
      subject: volume.engineName,
      verdict: world.seen.volumes.present.has(volume.engineName) ? { kind: "converged" } : {
        kind: "do",
        step: {
          kind: "create_volume",
          engineName: volume.engineName,
          labels: volume.labels,
          ...(volume.options === undefined ? {} : { options: volume.options }),
        },
        key: `volume:${volume.engineName}`,
        phase: "prepare",
        why: `volume "${volume.name}" of project "${section.projectName}" is not there yet`,
      },
    }))
  );
}
