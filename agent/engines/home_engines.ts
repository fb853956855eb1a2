/** The engines of a home: its Podman service and its Traefik, each bound to files of the home. */
import { systemClock } from "../../shared/clock.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { HomeLayout } from "../../shared/home.ts";
import type { Log } from "../../shared/log.ts";
import { createEngine } from "../drivers/engine/create_engine.ts";
import type { Engine } from "../drivers/engine/engine.ts";
import { createPodman, type PodmanDriver } from "../drivers/podman/create_driver.ts";
import type { KnownRegistries } from "../drivers/podman/registries.ts";
import { findPodman } from "../drivers/podman/find_podman.ts";
import {
  hostUlimits,
  podmanDriverOptions,
  podmanPaths,
  preparePodman,
  type ServiceOptions,
  writeRegistriesConf,
} from "../drivers/podman/service.ts";
import { createPodmanKeeper, type PodmanKeeper } from "./podman_keeper.ts";

export interface HomePodman {
  readonly podman: PodmanDriver;
  readonly engine: Engine;
  readonly keeper: PodmanKeeper;
  /** Has Podman reach registries as they are known now; what runs in it goes on. */
  applyRegistries(): Promise<void>;
}

/** Error `podman_missing`: a part that is needed is not installed. */
export async function createHomePodman(
  layout: HomeLayout,
  insecureRegistries: readonly string[],
  registries: KnownRegistries,
  log: Log,
): Promise<HomePodman> {
  const options = { ...await serviceOptions(insecureRegistries), registries };
  const engine = createEngine({ stateFile: podmanPaths(layout).stateFile, log });
  const podman = createPodman({
    ...podmanDriverOptions(layout, options),
    servicePid: async () => {
      const state = await engine.state();
      return state.kind === "absent" ? null : state.pid;
    },
  });
  const keeper = createPodmanKeeper({
    engine,
    spec: () => preparePodman(layout, options),
    socketPath: layout.podmanSocket,
    podman,
    clock: systemClock,
    log,
  });
  /** One that an earlier agent left may have read an older file. */
  let first = true;
  async function applyRegistries(): Promise<void> {
    const isNew = await writeRegistriesConf(layout, options);
    if (!isNew && !first) return;
    first = false;
    const state = await engine.state();
    // A service that does not answer yet would be ended by the signal, and reads the file later.
    if (state.kind === "absent" || !await podman.ping().then(() => true, () => false)) return;
    Deno.kill(state.pid, "SIGHUP");
  }

  return { podman, engine, keeper, applyRegistries };
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
