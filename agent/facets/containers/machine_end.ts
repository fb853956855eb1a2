/**
 * What is stopped when the machine itself ends: else the init system would send each process a
 * SIGTERM, whatever its stop signal and hooks are, and wait its own time for those that ignore it.
 */
import type { Clock } from "../../../shared/clock.ts";
import { messageOf } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import type { DeploymentId } from "../../../shared/model/ids.ts";
import type { World } from "../../reconcile/world.ts";
import type { ContainerStep } from "./plan.ts";

type Stop = Extract<ContainerStep, { kind: "stop" }>;

/** From the first stop on; some seconds below what the unit gives the whole end (cmd/boot/unit.ts). */
const WHOLE_END_MS = 300_000;

export interface StopInOrder {
  readonly stop: Stop;
  /** Those that need it: they end first. Each of them stands before it in the list. */
  readonly after: readonly DeploymentId[];
}

interface Living {
  readonly stop: Stop;
  readonly service: string;
  /** Services, by project, that it waited for at its start or whose namespaces it lives in. */
  readonly needs: ReadonlySet<string>;
}

function livingOf(world: World): Living[] {
  return world.desired.containers.flatMap((section) => {
    const keyOf = (service: string) => `${section.project} ${service}`;
    return section.deployments.flatMap((deployment): Living[] => {
      const seen = world.seen.containers.byDeployment.get(deployment.id);
      if (seen?.state !== "running" && seen?.state !== "paused") return [];
      const { spec } = deployment;
      const needs = [
        ...spec.dependsOn.map((each) => each.service),
        ...Object.values(spec.shares ?? {}),
      ];
      return [{
        stop: {
          kind: "stop",
          deployment: deployment.id,
          containerId: seen.id,
          graceMs: spec.stopGraceMs,
        },
        service: keyOf(deployment.serviceName),
        needs: new Set(needs.map(keyOf)),
      }];
    });
  }).sort((a, b) => (a.stop.deployment < b.stop.deployment ? -1 : 1));
}

/**
 * Every container that lives, with its own grace, those that need others before them; the reader
 * refuses circles, and one of another client is cut where it is met. Pure.
 */
export function stopsAtMachineEnd(world: World): readonly StopInOrder[] {
  const left = livingOf(world);
  const ordered: StopInOrder[] = [];
  const before: Living[] = [];
  while (left.length > 0) {
    const free = left.findIndex((each) =>
      !left.some((other) => other !== each && other.needs.has(each.service))
    );
    const [next] = left.splice(Math.max(0, free), 1);
    if (next === undefined) break;
    const after = before.filter((each) => each.needs.has(next.service));
    ordered.push({ stop: next.stop, after: after.map((each) => each.stop.deployment) });
    before.push(next);
  }
  return ordered;
}

/**
 * Stops each once all that need it have ended, beside all others; none waits so long that its own
 * grace would not fit any more. One that cannot be stopped is left to the init system.
 */
export async function stopAtMachineEnd(
  world: World,
  stop: (step: Stop) => Promise<void>,
  clock: Clock,
  log: Log,
): Promise<void> {
  const steps = stopsAtMachineEnd(world);
  log.info("the machine ends: containers are stopped", { containers: steps.length });
  const ended = new Map<DeploymentId, Promise<void>>();
  const all = new AbortController();
  for (const { stop: step, after } of steps) {
    const needing = Promise.all(after.flatMap((each) => ended.get(each) ?? []));
    const latest = Math.max(0, WHOLE_END_MS - step.graceMs);
    ended.set(
      step.deployment,
      (async () => {
        if (after.length > 0) {
          await Promise.race([needing, clock.sleep(latest, all.signal)]);
        }
        try {
          await stop(step);
        } catch (thrown) {
          log.warn("a container could not be stopped", {
            deployment: step.deployment,
            reason: messageOf(thrown),
          });
        }
      })(),
    );
  }
  await Promise.all(ended.values());
  all.abort();
}
