/** What the fake Podman holds, and what its containers do with the passing of time. */
import type { ContainerCreate, ContainerSeen, ContainerState, ImageSeen } from "./driver.ts";
import { labelsOf } from "./identity.ts";
import type { SharedKind } from "../../../shared/model/service_spec.ts";

/** How a container of the fake behaves once it is started; `afterMs` counts from the start. */
export interface FakeScript {
  readonly exitCode: number;
  readonly afterMs: number;
}

export interface FakeContainer {
  readonly id: string;
  readonly create: ContainerCreate;
  state: ContainerState;
  pid: number | null;
  /** Since its last start: its own by its pid, or another's that it joined. */
  namespaces: Record<SharedKind, string>;
  exitCode: number | null;
  startedAt: number | null;
  finishedAt: number | null;
  /** Set where conmon was lost: nobody tells the exit any more. */
  conmonLost: boolean;
  script: FakeScript | null;
  starts: number;
}

export interface FakeImage extends ImageSeen {
  /** Started containers of it behave so; null: as their command says. */
  readonly script: FakeScript | null;
}

/** What the command of a spec means to the fake: true, false, `sh -c "exit N"`; all else runs on. */
export function scriptOfCommand(command: readonly string[]): FakeScript | null {
  const words = command.map((word) => word.split("/").at(-1) ?? "");
  if (words[0] === "true") return { exitCode: 0, afterMs: 0 };
  if (words[0] === "false") return { exitCode: 1, afterMs: 0 };
  const exit = /^exit (\d+)$/.exec(command.at(-1) ?? "");
  if (exit !== null) return { exitCode: Number(exit[1]), afterMs: 0 };
  return null;
}

/** Ends what has run its time. */
export function passTime(container: FakeContainer, now: number): void {
  if (container.state !== "running" || container.script === null) return;
  const endsAt = (container.startedAt ?? now) + container.script.afterMs;
  if (now >= endsAt) endContainer(container, container.script.exitCode, endsAt);
}

export function endContainer(container: FakeContainer, exitCode: number, at: number): void {
  container.pid = null;
  if (container.conmonLost) {
    container.state = "dead";
    return;
  }
  container.state = "exited";
  container.exitCode = exitCode;
  container.finishedAt = at;
}

export function seenOf(container: FakeContainer): ContainerSeen {
  return {
    id: container.id,
    name: container.create.name,
    state: container.state,
    labels: labelsOf(container.create),
    imageId: container.create.imageId,
    pid: container.pid,
    exitCode: container.exitCode,
    startedAt: container.startedAt,
    finishedAt: container.finishedAt,
    address: container.create.network?.address ?? null,
  };
}

/** 64 hex characters from a small number, in a form that tells what it is an id of. */
export function fakeId(prefix: string, count: number): string {
  return (prefix + count.toString(16).padStart(8, "0")).padEnd(64, "0");
}
