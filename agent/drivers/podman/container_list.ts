/**
 * All containers as they truly are: one list call, an inspect only where something moved, and two
 * small files of /proc for each that runs. It is asked every few seconds, so it has to be cheap.
 */
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import type { Apart } from "./apart.ts";
import type { ContainerSeen } from "./driver.ts";
import { ContainerList, InspectedContainer, type ListedContainer } from "./answers.ts";
import { ADDRESS_LABEL, isOurs } from "./identity.ts";
import { belongsTo, type ProcessFact, processFact, type ProcReader } from "./proc.ts";
import { listedState, trueState } from "./true_state.ts";
import { parseAnswer, type Transport } from "./transport.ts";

/** Exit code of a process that SIGKILL ended. */
const KILLED = 137;
/** How many inspects run at once. */
const PARALLEL_INSPECTS = 8;

export interface ContainerListDeps {
  readonly transport: Transport;
  readonly apart: Pick<Apart, "look">;
  readonly readProc: ProcReader;
  /** Milliseconds of a clock that never jumps. */
  readonly monotonic: () => number;
  readonly namePrefix: string;
  /** Did the kernel end this life for want of memory? Asked once for each that ended by SIGKILL. */
  readonly outOfMemory: (containerId: string, finishedAt: number) => boolean;
}

export interface ContainerLister {
  list(signal?: AbortSignal): Promise<readonly ContainerSeen[]>;
  /** Null: there is no such container. */
  inspect(id: string, signal?: AbortSignal): Promise<InspectedContainer | null>;
  /** As `list` has it, for one container that was just inspected. */
  truth(inspected: InspectedContainer): Promise<ContainerSeen["state"]>;
}

interface Remembered {
  readonly signature: string;
  readonly inspected: InspectedContainer;
  readonly processTicks: string | null;
  readonly conmonTicks: string | null;
  readonly outOfMemory: boolean;
  missingSince: number | null;
}

export function createContainerLister(deps: ContainerListDeps): ContainerLister {
  const { transport, readProc: read } = deps;
  let memory = new Map<string, Remembered>();

  const inspect: ContainerLister["inspect"] = async (id, signal) => {
    const doing = `looking at the container "${id.slice(0, 64)}"`;
    const path = `/containers/${encodeURIComponent(id)}/json`;
    try {
      const answer = await transport.call({ doing, method: "GET", path, signal }, [404]);
      return answer.status === 404 ? null : parseAnswer(InspectedContainer, answer.text, doing);
    } catch (thrown) {
      // Of one that goes in this moment Podman says with 500 that it does not exist.
      if (thrown instanceof SkerryError && thrown.code === "container_unknown") return null;
      throw thrown;
    }
  };

  const remember = async (
    signature: string,
    inspected: InspectedContainer,
  ): Promise<Remembered> => {
    const { Pid: pid, ConmonPid: conmonPid = 0 } = inspected.State;
    const process = await factOf(pid, inspected.Id, "cgroup");
    const conmon = await factOf(conmonPid, inspected.Id, "cmdline");
    return {
      signature,
      inspected,
      processTicks: process.kind === "alive" ? process.startTicks : null,
      conmonTicks: conmon.kind === "alive" ? conmon.startTicks : null,
      outOfMemory: inspected.State.ExitCode === KILLED &&
        deps.outOfMemory(inspected.Id, instant(inspected.State.FinishedAt) ?? 0),
      missingSince: null,
    };
  };

  /** At first sight a pid must show that it belongs to the container; later its start time does. */
  const factOf = async (
    pid: number,
    containerId: string,
    file: "cgroup" | "cmdline",
  ): Promise<ProcessFact> => {
    const fact = await processFact(read, pid);
    if (fact.kind !== "alive" || await belongsTo(read, pid, containerId, file)) return fact;
    return { kind: "gone" };
  };

  const judge = async (entry: Remembered, listed: string) => {
    const { Pid: pid, ConmonPid: conmonPid = 0 } = entry.inspected.State;
    const gone: ProcessFact = { kind: "gone" };
    const process = entry.processTicks === null
      ? gone
      : await processFact(read, pid, entry.processTicks);
    const conmon = entry.conmonTicks === null
      ? gone
      : await processFact(read, conmonPid, entry.conmonTicks);
    if (process.kind === "alive" && conmon.kind === "alive") entry.missingSince = null;
    else entry.missingSince ??= deps.monotonic();
    return trueState({
      listed,
      process: process.kind,
      conmon: conmon.kind,
      missingMs: entry.missingSince === null ? 0 : deps.monotonic() - entry.missingSince,
    });
  };

  const needsProc = (state: string): boolean =>
    ["running", "paused", "stopping"].includes(listedState(state));

  const seen = async (
    listed: ListedContainer,
    signal: AbortSignal | undefined,
    next: Map<string, Remembered>,
  ): Promise<ContainerSeen | null> => {
    // Its removal was cut short: Podman cannot inspect it any more, but it can remove it.
    if (listed.State === REMOVING) return halfRemoved(listed);
    const signature = `${listed.State}/${listed.Pid}/${listed.StartedAt}/${listed.ExitedAt}`;
    let entry = memory.get(listed.Id);
    if (entry === undefined || entry.signature !== signature) {
      let inspected: InspectedContainer | null;
      try {
        inspected = await inspect(listed.Id, signal);
      } catch (thrown) {
        // One that is damaged must not hide all others.
        if (isDamage(thrown)) return damaged(listed, messageOf(thrown));
        throw thrown;
      }
      if (inspected === null) return null;
      entry = await remember(signature, inspected);
    }
    let status = entry.inspected.State.Status;
    let state = needsProc(status) ? await judge(entry, status) : listedState(status);
    if (needsProc(status) && state !== listedState(status)) {
      // Inspecting makes Podman look at the exit file: mostly the truth is known by then.
      const again = await inspect(listed.Id, signal);
      if (again === null) return null;
      const since = entry.missingSince;
      if (again.State.Pid !== entry.inspected.State.Pid || again.State.Status !== status) {
        entry = await remember(signature, again);
        status = again.State.Status;
        state = needsProc(status) ? await judge(entry, status) : listedState(status);
        if (state === "exited" || state === "created") entry.missingSince = null;
      } else entry.missingSince = since;
    }
    next.set(listed.Id, entry);
    const found = toSeen(listed, entry.inspected, state);
    return entry.outOfMemory && state === "exited" ? { ...found, outOfMemory: true } : found;
  };

  return {
    inspect,
    async truth(inspected) {
      if (!needsProc(inspected.State.Status)) return listedState(inspected.State.Status);
      return await judge(await remember("", inspected), inspected.State.Status);
    },
    list: (signal) =>
      deps.apart.look(async () => {
        const doing = "listing containers";
        const answer = await transport.call({
          doing,
          method: "GET",
          path: "/containers/json",
          query: { all: "true" },
          signal,
        });
        const ours = parseAnswer(ContainerList, answer.text, doing)
          .filter((c) => isOurs(c.Names[0] ?? "", c.Labels, deps.namePrefix));
        const next = new Map<string, Remembered>();
        const found: ContainerSeen[] = [];
        const queue = [...ours];
        const worker = async (): Promise<void> => {
          for (let listed = queue.shift(); listed !== undefined; listed = queue.shift()) {
            const container = await seen(listed, signal, next);
            if (container !== null) found.push(container);
          }
        };
        await Promise.all(Array.from({ length: PARALLEL_INSPECTS }, worker));
        memory = next;
        return found.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
      }),
  };
}

/** Podman's word for a container that it is removing, or was when its service was killed. */
const REMOVING = "removing";

/** Also where the image that it was made of is gone from Podman's list. */
export function isDamage(thrown: unknown): boolean {
  return thrown instanceof SkerryError &&
    (thrown.code === "storage_damaged" || thrown.code === "image_unknown");
}

/**
 * What the list alone tells of a container that Podman cannot inspect. One that runs goes on with
 * the files that it has open; it is as good as gone once it does not. Pure.
 */
export function damaged(listed: ListedContainer, damage: string): ContainerSeen {
  const state = listedState(listed.State);
  const runs = state !== "created" && state !== "exited" && listed.Pid > 0;
  const known = { ...halfRemoved(listed), damage };
  return runs ? { ...known, state, pid: listed.Pid, startedAt: listed.StartedAt * 1000 } : known;
}

/** What the list alone tells of a container whose removal was cut short. Pure. */
export function halfRemoved(listed: ListedContainer): ContainerSeen {
  return {
    id: listed.Id,
    name: listed.Names[0] ?? listed.Id,
    state: "dead",
    labels: listed.Labels,
    imageId: listed.ImageID,
    pid: null,
    exitCode: null,
    startedAt: null,
    finishedAt: null,
    address: listed.Labels[ADDRESS_LABEL] ?? null,
  };
}

/** Podman's zero time is the year 1. */
function instant(text: string): number | null {
  const at = Date.parse(text);
  return Number.isNaN(at) || at <= 0 ? null : at;
}

function toSeen(
  listed: ListedContainer,
  inspected: InspectedContainer,
  state: ContainerSeen["state"],
): ContainerSeen {
  const { State } = inspected;
  const lives = state === "running" || state === "paused" || state === "stopping";
  const networks = Object.values(inspected.NetworkSettings.Networks ?? {});
  const given = inspected.Config.Labels[ADDRESS_LABEL] ?? null;
  return {
    id: listed.Id,
    name: listed.Names[0] ?? inspected.Name,
    state,
    labels: inspected.Config.Labels,
    imageId: listed.ImageID,
    pid: lives && State.Pid > 0 ? State.Pid : null,
    // -1: Podman lost it together with conmon.
    exitCode: state === "exited" && State.ExitCode >= 0 ? State.ExitCode : null,
    startedAt: instant(State.StartedAt),
    finishedAt: lives ? null : instant(State.FinishedAt),
    address: networks.map((n) => n.IPAddress ?? "").find((ip) => ip !== "") ?? given,
  };
}
