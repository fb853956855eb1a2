/** Switches that make calls of a fake fail or hang, for tests of what comes after. */
import { podmanError } from "./errors.ts";

/** Names of the driver's calls. */
export type PodmanCall =
  | "ping"
  | "attach"
  | "version"
  | "listContainers"
  | "createContainer"
  | "startContainer"
  | "stopContainer"
  | "removeContainer"
  | "appliedLimits"
  | "kernelLimits"
  | "strain"
  | "logPath"
  | "ensureNetwork"
  | "networkExists"
  | "removeNetwork"
  | "listVolumes"
  | "createVolume"
  | "removeVolume"
  | "inspectImage"
  | "pullImage"
  | "resolveDigest"
  | "buildImage"
  | "listImages"
  | "removeImage"
  | "tagImage"
  | "saveImages"
  | "loadImages"
  | "exec";

export interface FakeSwitches {
  /** The nth call from now (1: the next) fails with this error; default `podman_unreachable`. */
  fail(call: PodmanCall, error?: Error, nth?: number): void;
  /** Every call of that kind fails until `heal`. */
  failAlways(call: PodmanCall, error?: Error): void;
  /** The nth call from now hangs until its signal aborts or `heal` is called. */
  hang(call: PodmanCall, nth?: number): void;
  /** Takes all switches back and lets go of what hangs. */
  heal(): void;
}

interface Pending {
  left: number;
  readonly always: boolean;
  readonly error: Error | null;
}

export interface SwitchBoard extends FakeSwitches {
  /** To be awaited at the start of each call. */
  pass(call: PodmanCall, signal?: AbortSignal): Promise<void>;
}

export function createSwitchBoard(): SwitchBoard {
  const pending = new Map<PodmanCall, Pending[]>();
  let hanging: (() => void)[] = [];

  const add = (call: PodmanCall, entry: Pending): void => {
    pending.set(call, [...pending.get(call) ?? [], entry]);
  };
  const defaultError = (call: PodmanCall): Error =>
    podmanError("podman_unreachable", `calling ${call} of the fake`, "told to fail");

  const wait = (call: PodmanCall, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      hanging.push(resolve);
      signal?.addEventListener(
        "abort",
        () => reject(podmanError("aborted", `calling ${call} of the fake`, "aborted")),
        { once: true },
      );
    });

  return {
    fail: (call, error, nth = 1) =>
      add(call, { left: nth, always: false, error: error ?? defaultError(call) }),
    failAlways: (call, error) =>
      add(call, { left: 1, always: true, error: error ?? defaultError(call) }),
    hang: (call, nth = 1) => add(call, { left: nth, always: false, error: null }),
    heal() {
      pending.clear();
      for (const resolve of hanging) resolve();
      hanging = [];
    },
    async pass(call, signal) {
      if (signal?.aborted) throw podmanError("aborted", `calling ${call} of the fake`, "aborted");
      const entries = pending.get(call) ?? [];
      let hit: Pending | null = null;
      for (const entry of entries) {
        if (!entry.always) entry.left--;
        if (hit === null && (entry.always || entry.left === 0)) hit = entry;
      }
      pending.set(call, entries.filter((entry) => entry.always || entry.left > 0));
      if (hit === null) return;
      if (hit.error !== null) throw hit.error;
      await wait(call, signal);
    },
  };
}
