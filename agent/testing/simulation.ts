/**
 * A node without a machine: containers that obey steps at once, checks that turn healthy as the
 * test says, names and routes that follow who serves. For properties of the plan.
 */
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import type { SharedKind } from "../../shared/model/service_spec.ts";
import type { ContainerSeen, ImageSeen } from "../drivers/podman/driver.ts";
import { type ContainerStep, planContainers } from "../facets/containers/plan.ts";
import { remember } from "../reconcile/memory.ts";
import { servingOf } from "../reconcile/serving.ts";
import { hostFor, SHARE_LABELS, sharesOf, withSharedAddresses } from "../reconcile/sharing.ts";
import type { DeploymentMemory, Desired, HealthSeen, Planned, World } from "../reconcile/world.ts";
import { TEST_IMAGE_ID } from "./intent.ts";

/** How a deployment's program behaves. */
export type Behaviour = "healthy" | "never_healthy" | "unhealthy" | "exits_0" | "exits_1";

export interface Simulation {
  desired: Desired;
  now: number;
  readonly containers: Map<DeploymentId, ContainerSeen>;
  /** Steps that always fail, by key. */
  readonly broken: Set<string>;
  behaviour(id: DeploymentId): Behaviour;
  world(): World;
  plan(): readonly Planned<ContainerStep>[];
  /** Carries a step out; false: it is a broken one. */
  execute(step: ContainerStep, key: string): boolean;
  /** The namespace that a deployment's container has been in since its last start. */
  spaceOf(id: DeploymentId, kind: SharedKind): string | null;
  /** Puts a container there as it stands. */
  place(deployment: Deployment, over?: Partial<ContainerSeen>): void;
  pass(ms: number): void;
}

export function createSimulation(
  desired: Desired,
  behaviourOf: (id: DeploymentId) => Behaviour,
): Simulation {
  const containers = new Map<DeploymentId, ContainerSeen>();
  /** By container: which namespaces it has been in since its last start. */
  const spaces = new Map<string, Record<SharedKind, string>>();
  const broken = new Set<string>();
  let memory: ReadonlyMap<DeploymentId, DeploymentMemory> = new Map();
  const healthySince = new Map<string, number>();
  const withdrawnAt = new Map<string, number>();
  let named = new Set<string>();
  let starts = 0;
  const image: ImageSeen = {
    id: TEST_IMAGE_ID,
    repoDigests: [],
    repoTags: [],
    exposedPorts: [],
    sizeBytes: 1,
    volumes: [],
  };

  function seenOf(deployment: Deployment, over: Partial<ContainerSeen> = {}): ContainerSeen {
    starts += 1;
    return {
      id: `c${starts}`,
      name: deployment.containerName,
      state: "running",
      labels: {
        "skerry.deployment.id": deployment.id,
        "skerry.spec.hash": deployment.specHash,
        "skerry.project.name": "p",
      },
      imageId: TEST_IMAGE_ID,
      pid: 1000 + starts,
      exitCode: null,
      startedAt: simulation.now,
      finishedAt: null,
      address: deployment.addresses[0] ?? null,
      ...over,
    };
  }

  function find(id: DeploymentId): Deployment | undefined {
    return simulation.desired.containers.flatMap((each) => each.deployments)
      .find((each) => each.id === id);
  }

  function ended(seen: ContainerSeen, exitCode: number): ContainerSeen {
    return { ...seen, state: "exited", pid: null, exitCode, finishedAt: simulation.now };
  }

  const byContainer = (id: string | undefined) =>
    [...containers.values()].find((each) => each.id === id);

  /** Podman starts one that lives with another only while that one runs. */
  function enter(seen: ContainerSeen): void {
    const spaceOf = (kind: SharedKind): string => {
      const host = seen.labels[SHARE_LABELS[kind]];
      if (host === undefined) return `${seen.id} ${starts}`;
      if (byContainer(host)?.state !== "running") throw new Error("its host does not run");
      return spaces.get(host)?.[kind] ?? "";
    };
    spaces.set(seen.id, { network: spaceOf("network"), ipc: spaceOf("ipc"), pid: spaceOf("pid") });
  }

  function apart(): Set<DeploymentId> {
    const found = new Set<DeploymentId>();
    for (const [id, seen] of containers) {
      for (const kind of ["network", "ipc", "pid"] as const) {
        const host = byContainer(seen.labels[SHARE_LABELS[kind]]);
        if (host === undefined || seen.state !== "running" || host.state !== "running") continue;
        if (spaces.get(host.id)?.[kind] !== spaces.get(seen.id)?.[kind]) found.add(id);
      }
    }
    return found;
  }

  function hosts(deployment: Deployment): Record<string, string> {
    const world = simulation.world();
    const labels: Record<string, string> = {};
    for (const share of sharesOf(deployment)) {
      const section = world.desired.containers[0];
      const host = section && hostFor(world, section, share);
      if (host?.kind !== "host") throw new Error("made before its host is there");
      labels[SHARE_LABELS[share.kind]] = host.container.id;
    }
    return labels;
  }

  function started(id: DeploymentId, seen: ContainerSeen): ContainerSeen {
    starts += 1;
    enter(seen);
    const running: ContainerSeen = {
      ...seen,
      state: "running",
      pid: 1000 + starts,
      startedAt: simulation.now + starts / 1000,
    };
    switch (behaviourOf(id)) {
      case "healthy":
      case "never_healthy":
      case "unhealthy":
        return running;
      case "exits_0":
        return ended(running, 0);
      case "exits_1":
        return ended(running, 1);
    }
  }

  function health(): ReadonlyMap<DeploymentId, HealthSeen> {
    const seen = new Map<DeploymentId, HealthSeen>();
    for (const [id, container] of containers) {
      if (container.state === "running" && behaviourOf(id) === "unhealthy") {
        seen.set(id, {
          health: "unhealthy",
          since: simulation.now,
          failingStreak: 3,
          output: null,
        });
      }
      if (container.state !== "running" || behaviourOf(id) !== "healthy") continue;
      const life = `${container.id}:${container.startedAt}`;
      const since = healthySince.get(life) ?? simulation.now;
      healthySince.set(life, since);
      seen.set(id, { health: "healthy", since, failingStreak: 0, output: null });
    }
    return seen;
  }

  const simulation: Simulation = {
    desired,
    now: 1_000_000,
    containers,
    broken,
    behaviour: behaviourOf,
    world() {
      const inSight = {
        byDeployment: new Map(containers),
        strays: [],
        images: new Map([[TEST_IMAGE_ID, image]]),
        apart: apart(),
      };
      const standing = {
        desired: withSharedAddresses(simulation.desired, inSight),
        seen: {
          network: {
            podmanNetwork: true,
            bridge: true,
            gatewayAssigned: true,
            carrier: true,
            wrongSettings: [],
          },
          volumes: { present: new Set<string>() },
          secrets: { onTmpfs: true, byDeployment: new Map<DeploymentId, Set<string>>() },
          firewall: { digest: null, listeners: [] },
          containers: inSight,
          names: { alive: true, digest: "", addresses: named, withdrawnAt, bindProblems: [] },
          routes: {
            alive: true,
            problem: null,
            digest: "",
            servers: new Set([...named].map((address) => `${address}:80`)),
            httpPort: 80,
            httpsPort: 443,
          },
        },
        health: health(),
        memory,
      };
      memory = remember(standing, new Map(), simulation.now);
      const current = { ...standing, memory };
      return { ...current, pulls: new Map(), connections: new Map(), ...servingOf(current) };
    },
    plan() {
      const world = simulation.world();
      const next = new Set([...world.named.values()].flatMap((each) => each.addresses));
      const planned = planContainers(world, simulation.now);
      // Names and routes are published after the plan was made, as in the loop.
      for (const address of named) {
        if (!next.has(address)) withdrawnAt.set(address, simulation.now);
      }
      for (const address of next) withdrawnAt.delete(address);
      named = next;
      return planned;
    },
    execute(step, key) {
      if (broken.has(key)) return false;
      switch (step.kind) {
        case "create": {
          const deployment = find(step.deployment);
          if (deployment === undefined) throw new Error("a step for what is not wanted");
          if (containers.has(step.deployment)) throw new Error("a second container");
          const made = seenOf(deployment, { state: "created", startedAt: null, pid: null });
          const seen = { ...made, labels: { ...made.labels, ...hosts(deployment) } };
          containers.set(step.deployment, started(step.deployment, seen));
          return true;
        }
        case "start": {
          const seen = containers.get(step.deployment);
          if (seen !== undefined) containers.set(step.deployment, started(step.deployment, seen));
          return true;
        }
        case "post_start":
          return true;
        case "stop": {
          const seen = containers.get(step.deployment);
          if (seen !== undefined) containers.set(step.deployment, ended(seen, 143));
          return true;
        }
        case "remove":
          for (const [id, seen] of containers) {
            if (seen.id !== step.containerId) continue;
            for (const { labels } of containers.values()) {
              const shared = Object.values(SHARE_LABELS).some((each) => labels[each] === seen.id);
              if (shared) throw new Error("removed before those who live with it");
            }
            containers.delete(id);
          }
          return true;
      }
    },
    place(deployment, over) {
      const seen = seenOf(deployment, over);
      containers.set(deployment.id, seen);
      if (seen.state === "running") enter(seen);
    },
    spaceOf: (id, kind) => spaces.get(containers.get(id)?.id ?? "")?.[kind] ?? null,
    pass(ms) {
      simulation.now += ms;
    },
  };
  return simulation;
}
