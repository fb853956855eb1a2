/** The engines of a home: its Podman service and its Traefik, each bound to files of the home. */
import { systemClock } from "../../shared/clock.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { HomeLayout } from "../../shared/home.ts";
import type { Log } from "../../shared/log.ts";
import { createEngine } from "../drivers/engine/create_engine.ts";
import type { Engine } from "../drivers/engine/engine.ts";
import { createPodman, type PodmanDriver } from "../drivers/podman/create_driver.ts";
import { findPodman } from "../drivers/podman/find_podman.ts";
import {
  hostUlimits,
  podmanDriverOptions,
  podmanPaths,
  preparePodman,
  type ServiceOptions,
} from "../drivers/podman/service.ts";
import { createPodmanKeeper, type PodmanKeeper } from "./podman_keeper.ts";

export interface HomePodman {
  readonly podman: PodmanDriver;
  readonly engine: Engine;
  readonly keeper: PodmanKeeper;
}

/** Error `podman_missing`: a part that is needed is not installed. */
export async function createHomePodman(
  layout: HomeLayout,
  insecureRegistries: readonly string[],
  log: Log,
): Promise<HomePodman> {
  const options = await serviceOptions(insecureRegistries);
  const podman = createPodman(podmanDriverOptions(layout, options));
  const engine = createEngine({ stateFile: podmanPaths(layout).stateFile, log });
  const keeper = createPodmanKeeper({
    engine,
    spec: () => preparePodman(layout, options),
    socketPath: layout.podmanSocket,
    podman,
    clock: systemClock,
    log,
  });
  return { podman, engine, keeper };
}

async function serviceOptions(insecureRegistries: readonly string[]): Promise<ServiceOptions> {
  const { parts, missing } = await findPodman();
  const first = missing[0];
  if (parts === null) {
    throw new SkerryError(
      "podman_missing",
      first?.message ?? "Podman is not installed.",
      `${first?.remedy ?? ""} \`skerry doctor\` lists everything that is missing.`.trim(),
    );
  }
  return { parts, ulimits: await hostUlimits(), insecureRegistries };
}
