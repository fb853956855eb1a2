/** Creating, starting, stopping and removing containers. */
import type { Apart } from "./apart.ts";
import type { AppliedLimits, ContainerCreate } from "./driver.ts";
import { CreatedContainer, type InspectedContainer, InspectedImage } from "./answers.ts";
import { type ContainerLister, isDamage } from "./container_list.ts";
import { type DefaultUlimits, renderCreateBody } from "./create_body.ts";
import { podmanError } from "./errors.ts";
import { ADDRESS_LABEL, labelsOf, missingMark, sameContainer } from "./identity.ts";
import { holderOf, type LeakedAddresses } from "./leaked_addresses.ts";
import { belongsTo, type ProcReader } from "./proc.ts";
import { CHANGE_TIMEOUT_MS, parseAnswer, type Transport } from "./transport.ts";
import { SkerryError } from "../../../shared/errors.ts";
import { appliedLimits } from "./limits.ts";
import { listedState } from "./true_state.ts";

export interface ContainerDeps {
  readonly transport: Transport;
  readonly apart: Pick<Apart, "remove">;
  readonly lister: ContainerLister;
  readonly readProc: ProcReader;
  readonly readCgroup: (path: string) => Promise<string | null>;
  /** Sends a signal to a process of the host; a process that is gone is no error. */
  readonly kill: (pid: number) => void;
  /** Puts an exit code where conmon would have put it. */
  readonly noteExit: (containerId: string, exitCode: number) => Promise<void>;
  readonly ulimits: DefaultUlimits;
  readonly leaked: LeakedAddresses;
}

/** What the end of a process is called whose real exit code nobody saw. */
const UNSEEN_EXIT_CODE = 137;

export interface ContainerCalls {
  create(create: ContainerCreate, signal?: AbortSignal): Promise<string>;
  start(id: string, signal?: AbortSignal): Promise<void>;
  stop(id: string, graceMs: number, signal?: AbortSignal): Promise<void>;
  remove(id: string, signal?: AbortSignal): Promise<void>;
  limits(id: string, signal?: AbortSignal): Promise<AppliedLimits>;
  logPath(id: string, signal?: AbortSignal): Promise<string | null>;
}

export function createContainerCalls(deps: ContainerDeps): ContainerCalls {
  const { transport, lister } = deps;
  const pathOf = (id: string, rest: string): string =>
    `/containers/${encodeURIComponent(id)}${rest}`;

  const imageEntrypoint = async (create: ContainerCreate, signal?: AbortSignal) => {
    const doing = `looking at the image ${create.imageId}`;
    const path = `/images/${encodeURIComponent(create.imageId)}/json`;
    const answer = await transport.call({ doing, method: "GET", path, signal });
    return parseAnswer(InspectedImage, answer.text, doing).Config?.Entrypoint ?? [];
  };

  /** Kills the process where its cgroup proves that it is the container's. */
  const killProcess = async (id: string, pid: number): Promise<void> => {
    if (pid > 1 && await belongsTo(deps.readProc, pid, id, "cgroup")) deps.kill(pid);
  };

  const post = (
    doing: string,
    path: string,
    signal: AbortSignal | undefined,
    more: { query?: Record<string, string>; timeoutMs?: number; accept?: readonly number[] } = {},
  ) =>
    transport.call({
      doing,
      method: "POST",
      path,
      signal,
      timeoutMs: more.timeoutMs ?? CHANGE_TIMEOUT_MS,
      ...(more.query === undefined ? {} : { query: more.query }),
    }, more.accept ?? [304]);

  /**
   * Without conmon nobody tells Podman of the end: it would say `running` or `stopping` for ever.
   * So the process is killed, and its end noted in conmon's place.
   */
  const bury = async (container: InspectedContainer, signal?: AbortSignal): Promise<void> => {
    await killProcess(container.Id, container.State.Pid);
    await deps.noteExit(container.Id, UNSEEN_EXIT_CODE);
    await lister.inspect(container.Id, signal);
  };

  const stop: ContainerCalls["stop"] = async (id, graceMs, signal) => {
    const doing = `stopping the container "${id}"`;
    const there = await lister.inspect(id, signal);
    if (there === null || isAtRest(there)) return;
    if (there.State.Status === "paused") await post(doing, pathOf(id, "/unpause"), signal);
    const graceSeconds = Math.ceil(graceMs / 1000);
    let failure: unknown = null;
    try {
      await post(doing, pathOf(id, "/stop"), signal, {
        query: { timeout: String(graceSeconds) },
        timeoutMs: graceSeconds * 1000 + CHANGE_TIMEOUT_MS,
        accept: [304, 404],
      });
    } catch (thrown) {
      failure = thrown;
    }
    const after = await lister.inspect(id, signal);
    if (after === null || isAtRest(after)) return;
    if (await lister.truth(after) === "dead") await bury(after, signal);
    else if (failure !== null) throw failure;
  };

  /** On the network where its address can be had. */
  const placed = (create: ContainerCreate): ContainerCreate => {
    const { network } = create;
    if (network === null) return create;
    const name = deps.leaked.networkFor(network.name, network.address);
    return { ...create, network: { ...network, name } };
  };

  const remove: ContainerCalls["remove"] = async (id, signal) => {
    const doing = `removing the container "${id}"`;
    const once = () =>
      deps.apart.remove(() =>
        transport.call({
          doing,
          method: "DELETE",
          path: pathOf(id, ""),
          query: { force: "true", timeout: "0", v: "true" },
          timeoutMs: CHANGE_TIMEOUT_MS,
          signal,
        }, [404])
      );
    const there = await readable(id, signal);
    if (there === null) return;
    try {
      await once();
    } catch (thrown) {
      if (thrown instanceof SkerryError && thrown.code === "aborted") throw thrown;
      if (there !== "damaged") await killProcess(there.Id, there.State.Pid);
      await once();
    }
    if (await readable(id, signal) !== null) await once();
    // Podman forgets one that is being stopped, and leaves its process running.
    if (there !== "damaged") await killProcess(there.Id, there.State.Pid);
  };

  /** As `inspect`; one whose storage is damaged can be removed without being read. */
  const readable = async (id: string, signal?: AbortSignal) => {
    try {
      return await lister.inspect(id, signal);
    } catch (thrown) {
      if (isDamage(thrown)) return "damaged";
      throw thrown;
    }
  };

  /** Nothing can be mounted of it any more: it is made anew at the next look. */
  const dropDamaged = async (id: string, thrown: unknown, signal?: AbortSignal): Promise<void> => {
    if (thrown instanceof SkerryError && thrown.code === "storage_damaged") {
      await remove(id, signal);
    }
  };

  /** Its address is in use by nobody but Podman's record: it is made anew where it can have it. */
  const escapeLeak = async (
    there: InspectedContainer,
    thrown: unknown,
    signal?: AbortSignal,
  ): Promise<void> => {
    if (!(thrown instanceof SkerryError) || thrown.code !== "address_taken") return;
    const holder = holderOf(thrown.message);
    const [network] = Object.keys(there.NetworkSettings.Networks ?? {});
    const address = there.Config.Labels[ADDRESS_LABEL];
    if (holder === null || network === undefined || address === undefined) return;
    if (holder !== there.Id && await lister.inspect(holder, signal) !== null) return;
    await deps.leaked.note(network, address);
    await remove(there.Id, signal);
  };

  const leftovers = new Set<string>();
  /** At first sight it may be one that Podman is about to note: an agent before this one asked for it. */
  const seenBefore = (id: string): boolean => {
    const before = leftovers.has(id);
    leftovers.add(id);
    return before;
  };

  /** It is in the storage alone, which Podman's call for removing looks into as well. */
  const dropLeftover = (id: string, signal?: AbortSignal) =>
    transport.call({
      doing: `removing what is left of the container "${id}"`,
      method: "DELETE",
      path: pathOf(id, ""),
      query: { force: "true" },
      timeoutMs: CHANGE_TIMEOUT_MS,
      signal,
    }, [404]);

  return {
    async create(create, signal) {
      const doing = `creating the container "${create.name}"`;
      const there = await lister.inspect(create.name, signal);
      if (there !== null && there.Name === create.name) {
        if (sameContainer(there.Config.Labels, labelsOf(create))) return there.Id;
        throw podmanError("name_taken", doing, missingMark(there.Id));
      }
      const clearsCommand = create.spec.command?.length === 0 &&
        create.spec.entrypoint === undefined;
      const json = renderCreateBody(placed(create), {
        ulimits: deps.ulimits,
        ...(clearsCommand ? { imageEntrypoint: await imageEntrypoint(create, signal) } : {}),
      });
      const once = () =>
        transport.call({
          doing,
          method: "POST",
          path: "/containers/create",
          json,
          timeoutMs: CHANGE_TIMEOUT_MS,
          signal,
        });
      const answer = await once().catch(async (thrown: unknown) => {
        const leftover = there === null ? leftoverOf(thrown) : null;
        if (leftover === null || !seenBefore(leftover)) throw thrown;
        await dropLeftover(leftover, signal);
        leftovers.delete(leftover);
        return await once();
      });
      return parseAnswer(CreatedContainer, answer.text, doing).Id;
    },
    async start(id, signal) {
      const doing = `starting the container "${id}"`;
      const there = await lister.inspect(id, signal);
      if (there === null) throw podmanError("container_unknown", doing, "no such container");
      // Podman would answer 304, as if all were well.
      if (await lister.truth(there) === "dead") await bury(there, signal);
      try {
        await post(doing, pathOf(id, "/start"), signal);
      } catch (thrown) {
        await escapeLeak(there, thrown, signal);
        await dropDamaged(there.Id, thrown, signal);
        throw thrown;
      }
    },
    stop,
    remove,
    async limits(id, signal) {
      const there = await lister.inspect(id, signal);
      if (there === null) {
        throw podmanError(
          "container_unknown",
          `reading the limits of "${id}"`,
          "no such container",
        );
      }
      return await appliedLimits(there, deps.readProc, deps.readCgroup);
    },
    async logPath(id, signal) {
      const there = await readable(id, signal);
      if (there === null || there === "damaged") return null;
      return there.HostConfig.LogConfig.Path || null;
    },
  };
}

/**
 * Whose name is taken by a container that Podman's storage holds and Podman itself does not know: a
 * power cut, or the end of its service, came between its two notes of it. Pure.
 */
function leftoverOf(thrown: unknown): string | null {
  if (!(thrown instanceof SkerryError) || thrown.code !== "name_taken") return null;
  return /creating container storage: .* in use by "?([0-9a-f]{64})/.exec(thrown.message)?.[1] ??
    null;
}

/** Does nothing of it run, by Podman's word? */
function isAtRest(container: InspectedContainer): boolean {
  const state = listedState(container.State.Status);
  return state === "created" || state === "exited";
}
