/**
 * Runs: containers of a service's spec that a person starts once and looks on at. Each is a
 * deployment of this node's own in what is desired, so that volumes, secrets, files, firewall, logs
 * and restarts treat it like all others; it is in memory alone, so that after the agent's end its
 * container is one that nobody wants, which is removed.
 */
import { SkerryError } from "../../shared/errors.ts";
import { DeploymentId } from "../../shared/model/ids.ts";
import type { LinkExec, RunStart } from "../../shared/model/link.ts";
import type { ReportedVerdict } from "../../shared/model/verdict.ts";
import type { AttachSession, Podman } from "../drivers/podman/driver.ts";
import type { ContainersDeps } from "../facets/containers/facet.ts";
import type { Desired, World } from "../reconcile/world.ts";
import { makeRun, type MakeRunDeps, NOTHING_TAKEN, type Taken, takenIn } from "./make_run.ts";
import { type LocalRun, overlaid } from "./overlay.ts";

export interface RunsDeps extends MakeRunDeps {
  readonly podman: Pick<Podman, "attach" | "stopContainer">;
  /** What is wanted, with every run. */
  desired(): Desired | null;
  /** What {@link Runs.overlay} gives is another now. */
  changed(): void;
}

type Attended = ContainersDeps["attended"];

export interface Runs extends Attended {
  overlay(desired: Desired): Desired;
  run(start: RunStart, signal: AbortSignal): Promise<LinkExec>;
  /** After each look. */
  follow(world: World): void;
  /** After each plan: what keeps a run from starting is told to who waits for it. */
  judge(verdicts: readonly ReportedVerdict[]): void;
}

interface Active {
  run: LocalRun;
  readonly start: RunStart;
  readonly joined: PromiseWithResolvers<AttachSession>;
  readonly exited: PromiseWithResolvers<number>;
  containerId: string | null;
  session: AttachSession | null;
}

export function createRuns(deps: RunsDeps): Runs {
  const active = new Map<DeploymentId, Active>();
  let taken: Taken = NOTHING_TAKEN;

  const overlay = (desired: Desired): Desired =>
    overlaid(desired, [...active.values()].map(({ run }) => run));

  /** It goes; its address is free once its container is gone. */
  function leave(id: DeploymentId): void {
    const each = active.get(id);
    if (each === undefined || each.run.deployment.want === "absent") return;
    each.run = { ...each.run, deployment: { ...each.run.deployment, want: "absent" } };
    deps.changed();
  }

  function fail(id: DeploymentId, thrown: unknown): void {
    const each = active.get(id);
    each?.session?.close();
    each?.joined.reject(thrown);
    each?.exited.reject(thrown);
    leave(id);
  }

  return {
    overlay,

    async run(start, signal) {
      signal.throwIfAborted();
      const run = makeRun(deps, deps.desired(), start, taken);
      const { id, spec } = run.deployment;
      const each: Active = {
        run,
        start,
        joined: Promise.withResolvers(),
        exited: Promise.withResolvers(),
        containerId: null,
        session: null,
      };
      // Who has left looks at neither.
      each.joined.promise.catch(() => undefined);
      each.exited.promise.catch(() => undefined);
      active.set(id, each);
      const kill = async (): Promise<void> => {
        each.joined.reject(
          new SkerryError(
            "aborted",
            `running a command in "${run.deployment.serviceName}": given up`,
          ),
        );
        if (each.containerId !== null && each.run.deployment.want === "run") {
          await deps.podman.stopContainer(each.containerId, spec.stopGraceMs).catch(() =>
            undefined
          );
        }
        each.session?.close();
        leave(id);
      };
      signal.addEventListener("abort", kill, { once: true });
      deps.changed();
      const session = await each.joined.promise;
      const exit = each.exited.promise.finally(() => {
        signal.removeEventListener("abort", kill);
        leave(id);
      });
      exit.catch(() => undefined);
      return {
        output: (async function* () {
          yield* session.output;
          // Its end is to be seen now, not at the next look.
          deps.changed();
        })(),
        write: (data) => session.write(data),
        closeStdin: () => session.closeStdin(),
        resize: (rows, columns) => session.resize(rows, columns),
        exitCode: () => exit,
        kill,
      };
    },

    async beforeStart(id, containerId, signal) {
      const each = active.get(id);
      if (each === undefined) return;
      each.containerId = containerId;
      const { tty, stdin } = each.start;
      each.session = await deps.podman.attach(containerId, { tty, stdin });
      signal.throwIfAborted();
      if (each.run.deployment.want === "absent") {
        throw new SkerryError("aborted", "the run was given up before its start");
      }
    },

    started(id) {
      const each = active.get(id);
      if (each?.session) each.joined.resolve(each.session);
    },

    cannotStart(id, thrown) {
      if (active.has(id)) fail(id, thrown);
    },

    follow(world) {
      taken = takenIn(world.seen);
      let gone = false;
      for (const [id, each] of active) {
        const exit = world.memory.get(id)?.jobExit ?? null;
        if (exit !== null) {
          each.exited.resolve(exit.code);
          leave(id);
        }
        const told = world.desired.containers.some(({ deployments }) =>
          deployments.some((one) => one.id === id && one.want === "absent")
        );
        if (told && !world.seen.containers.byDeployment.has(id)) {
          active.delete(id);
          each.exited.reject(
            new SkerryError("container_unknown", `the container of "${id}" was removed`),
          );
          gone = true;
        }
        const pull = world.pulls.get(each.run.deployment.spec.image.pin);
        if (pull?.kind === "failed" && each.containerId === null) {
          fail(id, new SkerryError(pull.reason.code, pull.reason.message));
        }
      }
      if (gone) deps.changed();
    },

    judge(verdicts) {
      for (const { subject, kind, reason, facet } of verdicts) {
        const id = DeploymentId.safeParse(subject);
        if (kind !== "blocked" || facet !== "containers" || !id.success) continue;
        const each = active.get(id.data);
        if (each === undefined || each.containerId !== null) continue;
        fail(
          id.data,
          new SkerryError(reason?.code ?? "blocked", reason?.message ?? "it is blocked"),
        );
      }
    },
  };
}
