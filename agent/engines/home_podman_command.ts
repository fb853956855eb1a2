/** How a home's own Podman is called by its command line. */
import { SkerryError } from "../../shared/errors.ts";
import type { HomeLayout } from "../../shared/home.ts";
import { findPodman } from "../drivers/podman/find_podman.ts";
import { hostUlimits, podmanEngineSpec, podmanPaths } from "../drivers/podman/service.ts";

export interface PodmanCommand {
  readonly program: string;
  /** What stands before the words of a person. */
  readonly args: readonly string[];
  /** The whole environment but for the terminal's. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * With the storage, run folder and networks that the home's service has.
 * Errors: `podman_missing`; `no_home`: `skerry up` never ran there.
 */
export async function homePodmanCommand(layout: HomeLayout): Promise<PodmanCommand> {
  const { parts, missing } = await findPodman();
  if (parts === null) {
    throw new SkerryError(
      "podman_missing",
      missing[0]?.message ?? "Podman is not installed.",
      missing[0]?.remedy ?? "skerry doctor",
    );
  }
  const { config } = podmanPaths(layout);
  // Podman would make a store of its own, without our settings.
  if (!await Deno.stat(`${config}/containers.conf`).then(() => true, () => false)) {
    throw new SkerryError(
      "no_home",
      `there is no Podman of Skerry below "${layout.home}" yet`,
      "start it: skerry up; or name another folder with --home",
    );
  }
  const spec = podmanEngineSpec(layout, {
    parts,
    ulimits: await hostUlimits(),
    insecureRegistries: [],
  });
  const service = spec.args.indexOf("--log-level");
  return { program: spec.program, args: spec.args.slice(0, service), env: spec.env };
}
