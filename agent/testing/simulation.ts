/**
 * A node without a machine: containers that obey steps at once, checks that turn healthy as the
 * test says, names and routes that follow who serves. For properties of the plan.
 */
import type { DeploymentId } from "../../shared/model/ids.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import type { ContainerSeen, ImageSeen } from "../drivers/podman/driver.ts";
import { type ContainerStep, planContainers } from "../facets/containers/plan.ts";
import { remember } from "../reconcile/memory.ts";
import { servingOf } from "../reconcile/serving.ts";
import type { DeploymentMemory, Desired, HealthSeen, Planned, World } from "../reconcile/world.ts";
import { TEST_IMAGE_ID } from "./intent.ts";

/** How a deployment's program behaves. */
export type Behaviour = "healthy" | "never_healthy" | "exits_0" | "exits_1";

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
  /** Puts a container there as it stands. */
  place(deployment: Deployment, over?: Partial<ContainerSeen>): void;
  pass(ms: number): void;
}

export function createSimulation(
  desired: Desired,
  behaviourOf: (id: DeploymentId) => Behaviour,
): Simulation {
  const containers = new Map<DeploymentId, ContainerSeen>();
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

  function started(id: DeploymentId, seen: ContainerSeen): ContainerSeen {
    starts += 1;
    const running: ContainerSeen = {
      ...seen,
      state: "running",
      pid: 1000 + starts,
      startedAt: simulation.now + starts / 1000,
    };
    switch (behaviourOf(id)) {
      case "healthy":
      case "never_healthy":
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
      const standing = {
        desired: simulation.desired,
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
          containers: {
            byDeployment: new Map(containers),
            strays: [],
            images: new Map([[TEST_IMAGE_ID, image]]),
          },
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
          const seen = seenOf(deployment, { state: "created", startedAt: null, pid: null });
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
            if (seen.id === step.containerId) containers.delete(id);
          }
          return true;
      }
    },
    place(deployment, over) {
      containers.set(deployment.id, seenOf(deployment, over));
    },
    pass(ms) {
      simulation.now += ms;
    },
  };
  return simulation;
}
