/** Looks after the health of every running container, each on a timer of its own. */
import type { Clock } from "../../../shared/clock.ts";
import type { DeploymentId } from "../../../shared/model/ids.ts";
import type { Podman } from "../../drivers/podman/driver.ts";
import type { HealthSeen } from "../../reconcile/world.ts";
import { byTcp, runCheck } from "./check.ts";
import { afterCheck, nextCheckMs, type Progress, type TimedCheck } from "./schedule.ts";
import type { HealthTarget } from "./target.ts";

/** Without a check and without a port, a container that has lived this long is healthy. */
const LIVED_MS = 3_000;
const CONNECT_MS = 1_000;
const FIRST_CONNECT_PAUSE_MS = 20;
const LAST_CONNECT_PAUSE_MS = 1_000;

export interface HealthProber {
  configure(targets: readonly HealthTarget[]): void;
  status(): ReadonlyMap<DeploymentId, HealthSeen>;
  close(): Promise<void>;
}

export interface HealthDeps {
  readonly clock: Clock;
  /** The machine's clock, on which the engine tells when a container started. */
  readonly wallNow: () => number;
  readonly podman: Pick<Podman, "exec">;
  /** A container's health is another than before. */
  onChange(deployment: DeploymentId): void;
  /** A check has ended. */
  onCheck?(passed: boolean): void;
}

interface Probe {
  readonly target: HealthTarget;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

export function createHealthProber(deps: HealthDeps): HealthProber {
  const { clock } = deps;
  const probes = new Map<DeploymentId, Probe>();
  const status = new Map<DeploymentId, HealthSeen>();

  function tell(target: HealthTarget, seen: HealthSeen): void {
    const before = status.get(target.deployment)?.health;
    status.set(target.deployment, seen);
    if (before !== seen.health) deps.onChange(target.deployment);
  }

  /** How long it has lived by now; the engine tells its start on the machine's clock, which may jump. */
  function lifeMs(target: HealthTarget): number {
    return Math.max(0, deps.wallNow() - target.startedAt);
  }

  async function probe(target: HealthTarget, signal: AbortSignal): Promise<void> {
    if (target.check.kind === "none") {
      await waitUntilUp(target, target.check.probePort, signal);
      if (signal.aborted) return;
      tell(target, { health: "healthy", since: clock.now(), failingStreak: 0, output: null });
      return;
    }
    await checkForLife(target, target.check, signal);
  }

  async function waitUntilUp(
    target: HealthTarget,
    port: number | null,
    signal: AbortSignal,
  ): Promise<void> {
    if (port === null || target.address === null) {
      return await clock.sleep(LIVED_MS - lifeMs(target), signal);
    }
    let pauseMs = FIRST_CONNECT_PAUSE_MS;
    while (!signal.aborted) {
      try {
        const limited = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]);
        await byTcp(target.address, port, limited);
        return;
      } catch (thrown) {
        if (signal.aborted) return;
        const output = `port ${port} does not answer: ${
          thrown instanceof Error ? thrown.message : ""
        }`;
        tell(target, {
          health: "starting",
          since: status.get(target.deployment)?.since ?? clock.now(),
          failingStreak: 0,
          output,
        });
      }
      await clock.sleep(pauseMs, signal);
      pauseMs = Math.min(LAST_CONNECT_PAUSE_MS, pauseMs * 1.5);
    }
  }

  async function checkForLife(
    target: HealthTarget,
    check: TimedCheck,
    signal: AbortSignal,
  ): Promise<void> {
    let progress: Progress = {
      seen: { health: "starting", since: clock.now(), failingStreak: 0, output: null },
      looks: 0,
      countedAtMs: clock.monotonic(),
    };
    const bornMs = clock.monotonic() - lifeMs(target);
    while (!signal.aborted) {
      await clock.sleep(nextCheckMs(check, progress), signal);
      if (signal.aborted) return;
      const result = await runCheck(target, check, deps.podman, signal);
      if (signal.aborted) return;
      deps.onCheck?.(result.ok);
      const monotonicMs = clock.monotonic();
      progress = afterCheck(check, progress, result, {
        lifeMs: monotonicMs - bornMs,
        monotonicMs,
        now: clock.now(),
      });
      tell(target, progress.seen);
    }
  }

  function begin(target: HealthTarget): void {
    const stop = new AbortController();
    status.set(target.deployment, {
      health: "starting",
      since: clock.now(),
      failingStreak: 0,
      output: null,
    });
    probes.set(target.deployment, { target, stop, done: probe(target, stop.signal) });
  }

  return {
    configure(targets) {
      const wanted = new Map(targets.map((target) => [target.deployment, target]));
      for (const [deployment, running] of probes) {
        const target = wanted.get(deployment);
        const same = target !== undefined && target.containerId === running.target.containerId &&
          target.startedAt === running.target.startedAt;
        if (same) {
          wanted.delete(deployment);
          continue;
        }
        running.stop.abort();
        probes.delete(deployment);
        status.delete(deployment);
      }
      for (const target of wanted.values()) begin(target);
    },
    status: () => new Map(status),
    async close() {
      const all = [...probes.values()];
      for (const { stop } of all) stop.abort();
      probes.clear();
      await Promise.all(all.map((each) => each.done));
    },
  };
}
