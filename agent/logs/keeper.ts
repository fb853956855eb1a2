/**
 * Keeps the logs of all containers: copies what conmon writes into segments of our own, within
 * byte budgets, and reads them back. A log outlives its container.
 */
import { type Clock, systemClock } from "../../shared/clock.ts";
import { createRunCommand } from "../../shared/command.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { type Log, silentLog } from "../../shared/log.ts";
import type { DeploymentId, ProjectId } from "../../shared/model/ids.ts";
import type { LogLine, LogRequest } from "../../shared/model/link.ts";
import { type LogBudget, type SegmentInfo, segmentsToDrop, toForget } from "./budget.ts";
import {
  COPY_LIMITS,
  type CopyLimits,
  type DeploymentLog,
  openDeploymentLog,
} from "./deployment_log.ts";
import { type LogState, parseLogState, segmentName } from "./log_state.ts";
import { mergeLines } from "./merge.ts";
import { type LogCursor, openCursor } from "./read_log.ts";
import { instantNs } from "./record.ts";
import { listSegments, type SegmentPosition } from "./segments.ts";
import { createPunchHole, type PunchHole } from "./source.ts";

/** A container whose log is to be kept. */
export interface TrackedContainer {
  readonly deployment: DeploymentId;
  readonly project: ProjectId;
  readonly service: string;
  readonly slot: number;
  /** Null: the deployment is known, yet has no container now. */
  readonly containerId: string | null;
}

export interface LogKeeperDeps {
  readonly logsDir: string;
  /** The driver's `logPath`. */
  readonly logPath: (containerId: string) => Promise<string | null>;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly punch?: PunchHole;
  readonly budget?: LogBudget;
  readonly limits?: CopyLimits;
  readonly mostPast?: typeof MOST_PAST;
  /** How often is copied; default 2 s, and 250 ms while someone follows. */
  readonly idleMs?: number;
  readonly followMs?: number;
}

export interface LogKeeper {
  /** All containers that there are now. Those no longer in the list are copied to their end. */
  track(containers: readonly TrackedContainer[]): void;
  /** Ends by itself unless `follow`; then with the signal. Errors: `invalid` for a bad `since`. */
  read(request: LogRequest, signal: AbortSignal): AsyncIterable<LogLine>;
  /** Copies a deployment's log to its end now: to be called before its container is removed. */
  flush(deployment: DeploymentId): Promise<void>;
  /** Forgets a deployment and removes its log. */
  drop(deployment: DeploymentId): Promise<void>;
  /** Every segment on the disk. `past`: of a deployment that is no more. */
  held(): Promise<readonly (SegmentInfo & { readonly past: boolean })[]>;
  /** Removes one that is not written to. */
  dropSegment(deployment: string, number: number): Promise<void>;
  /** Copies all a last time and stops. */
  close(): Promise<void>;
}

export const LOG_BUDGET: LogBudget = {
  totalBytes: 512 * 1024 * 1024,
  deploymentBytes: 64 * 1024 * 1024,
};
/** Logs of so many deployments that are no more are kept at most; a slot is one of its service's. */
const MOST_PAST = { ofSlot: 50, inAll: 1000 };
const DEFAULT_IDLE_MS = 2000;
const DEFAULT_FOLLOW_MS = 250;

interface Kept {
  readonly deployment: DeploymentId;
  readonly folder: string;
  /** In the last list of `track`. */
  listed: boolean;
  /** As last known, also while no log is open. */
  state: LogState;
  open: DeploymentLog | null;
  wanted: string | null;
}

/** Starts at once; `close` it when done. */
export function createLogKeeper(deps: LogKeeperDeps): LogKeeper {
  const clock = deps.clock ?? systemClock;
  const log = deps.log ?? silentLog;
  const punch = deps.punch ?? createPunchHole(createRunCommand());
  const budget = deps.budget ?? LOG_BUDGET;
  const limits = deps.limits ?? COPY_LIMITS;
  const mostPast = deps.mostPast ?? MOST_PAST;
  const idleMs = deps.idleMs ?? DEFAULT_IDLE_MS;
  const followMs = deps.followMs ?? DEFAULT_FOLLOW_MS;
  const kept = new Map<DeploymentId, Kept>();
  const stop = new AbortController();
  const warned = new Set<string>();
  let followers = 0;
  let nudge = new AbortController();
  let turn: Promise<unknown> = Promise.resolve();

  /** All changes of files run one after the other. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };
  const wake = (): void => {
    nudge.abort();
    nudge = new AbortController();
  };
  const warnOnce = (key: string, message: string, thrown: unknown): void => {
    if (warned.has(key)) return;
    warned.add(key);
    log.warn(message, { key, reason: messageOf(thrown) });
  };

  const load = async (): Promise<void> => {
    await Deno.mkdir(deps.logsDir, { recursive: true, mode: 0o700 });
    for await (const entry of Deno.readDir(deps.logsDir)) {
      const folder = `${deps.logsDir}/${entry.name}`;
      const text = await Deno.readTextFile(`${folder}/state.json`).catch(() => null);
      const state = text === null ? null : parseLogState(text);
      if (state === null || state.deployment !== entry.name || kept.has(state.deployment)) continue;
      kept.set(state.deployment, {
        deployment: state.deployment,
        folder,
        state,
        listed: false,
        open: null,
        wanted: null,
      });
    }
  };

  const copyOne = async (one: Kept): Promise<boolean> => {
    if (one.open === null) {
      if (one.wanted === null) return false;
      const { folder, state } = one;
      one.open = await openDeploymentLog(
        { folder, clock, log, punch, logPath: deps.logPath, limits },
        state,
      );
    }
    await one.open.follow(one.wanted);
    const more = one.wanted === null ? false : await one.open.copy();
    one.state = one.open.state();
    if (one.wanted === null) {
      await one.open.close();
      one.open = null;
    }
    return more;
  };

  const pass = async (): Promise<void> => {
    for (const one of [...kept.values()]) {
      try {
        await copyOne(one);
        warned.delete(one.deployment);
      } catch (thrown) {
        warnOnce(one.deployment, "a log could not be copied", thrown);
        if (thrown instanceof SkerryError && thrown.code === "log_write_failed") await dropOldest();
      }
    }
  };

  const segmentsOf = async () => {
    const all: (SegmentInfo & { readonly past: boolean })[] = [];
    for (const { deployment, folder, state, open, listed } of kept.values()) {
      for (const { number, bytes, changedAt } of await listSegments(folder)) {
        const active = open !== null && number >= state.segment;
        all.push({ deployment, number, bytes, changedAt, active, past: !listed });
      }
    }
    return all;
  };
  const remove = async (segment: SegmentInfo): Promise<void> => {
    const path = `${deps.logsDir}/${segment.deployment}/${segmentName(segment.number)}`;
    await Deno.remove(path).catch(() => {});
  };
  /** For a full disk. */
  const dropOldest = async (): Promise<void> => {
    const all = await segmentsOf();
    const total = all.reduce((sum, { bytes }) => sum + bytes, 0);
    const [oldest] = segmentsToDrop(all, { ...budget, totalBytes: total - 1 });
    if (oldest !== undefined) await remove(oldest);
  };

  /** Sizes change much with segments only, so they are looked at when one was turned. */
  let turned = "";
  const keepBudget = async (): Promise<void> => {
    const mark = [...kept.values()].map(({ state }) => state.segment).join();
    if (mark === turned) return;
    turned = mark;
    const all = await segmentsOf();
    const dropped = new Set(segmentsToDrop(all, budget));
    for (const segment of dropped) await remove(segment);
    const newest = new Map<string, number>();
    for (const segment of all) {
      if (dropped.has(segment)) continue;
      const { deployment, changedAt } = segment;
      newest.set(deployment, Math.max(newest.get(deployment) ?? 0, changedAt));
    }
    const past = [...kept.values()].filter((one) => !one.listed && one.open === null)
      .map((one) => ({
        one,
        slot: `${one.state.project}/${one.state.service}/${one.state.slot}`,
        changedAt: newest.get(one.deployment) ?? null,
      }));
    for (const { one } of toForget(past, mostPast)) await forget(one);
  };
  const forget = async (one: Kept): Promise<void> => {
    kept.delete(one.deployment);
    await one.open?.close().catch(() => {});
    await Deno.remove(one.folder, { recursive: true }).catch((thrown) => {
      if (!(thrown instanceof Deno.errors.NotFound)) throw thrown;
    });
  };

  const run = async (): Promise<void> => {
    await inTurn(load).catch((thrown) => warnOnce("load", "the logs could not be read", thrown));
    while (!stop.signal.aborted) {
      await inTurn(async () => {
        await pass();
        await keepBudget();
      }).catch((thrown) => warnOnce("pass", "logs could not be kept", thrown));
      const pause = followers > 0 ? followMs : idleMs;
      await clock.sleep(pause, AbortSignal.any([stop.signal, nudge.signal]));
    }
  };
  const running = run();

  const chosen = (request: LogRequest): readonly Kept[] =>
    [...kept.values()].filter(({ state }) =>
      state.project === request.project &&
      (request.service === undefined || state.service === request.service) &&
      (request.deployment === undefined || state.deployment === request.deployment)
    ).sort((a, b) => a.deployment < b.deployment ? -1 : 1);

  /** Of each slot the deployments that are there now, else the one that wrote last. */
  const latest = async (all: readonly Kept[]): Promise<readonly Kept[]> => {
    const slots = new Map<string, { readonly one: Kept; readonly changedAt: number }[]>();
    for (const one of all) {
      const changedAt = (await listSegments(one.folder)).at(-1)?.changedAt ?? 0;
      const slot = `${one.state.service}/${one.state.slot}`;
      slots.set(slot, [...slots.get(slot) ?? [], { one, changedAt }]);
    }
    return [...slots.values()].flatMap((entries) => {
      const listed = entries.filter(({ one }) => one.listed);
      if (listed.length > 0) return listed.map(({ one }) => one);
      return entries.sort((a, b) => b.changedAt - a.changedAt).slice(0, 1).map(({ one }) => one);
    });
  };

  async function* read(request: LogRequest, signal: AbortSignal): AsyncGenerator<LogLine> {
    const since = request.since === undefined ? null : instantNs(request.since);
    if (request.since !== undefined && since === null) {
      throw new SkerryError(
        "invalid",
        `reading logs since "${request.since}": this is no time`,
        "Write it as 2026-01-02T03:04:05Z.",
      );
    }
    const sinceOption = since === null ? {} : { since };
    const tailOption = request.tail === undefined ? {} : { tail: request.tail };
    const cursors = new Map<DeploymentId, LogCursor>();
    const openNew = async (
      some: readonly Kept[],
      options: { tail?: number; since?: bigint },
    ): Promise<void> => {
      for (const one of some) {
        if (cursors.has(one.deployment)) continue;
        const end = (): SegmentPosition | null =>
          one.open === null ? null : { segment: one.state.segment, offset: one.state.segmentBytes };
        const cursor = await openCursor(one.folder, one.state, { ...options, end });
        cursors.set(one.deployment, cursor);
      }
    };
    if (request.follow) followers++;
    try {
      await inTurn(pass);
      const first = chosen(request);
      const shown = request.tail === undefined ? first : await latest(first);
      await openNew(shown, { ...sinceOption, ...tailOption });
      const passedOver = new Set(first.filter((one) => !shown.includes(one)));
      while (!signal.aborted) {
        for await (const { line } of mergeLines([...cursors.values()])) {
          if (signal.aborted) return;
          yield line;
        }
        if (!request.follow || stop.signal.aborted) return;
        wake();
        await clock.sleep(followMs, AbortSignal.any([signal, stop.signal]));
        // A deployment that came meanwhile is shown from its first line.
        await openNew(chosen(request).filter((one) => !passedOver.has(one)), sinceOption);
      }
    } finally {
      if (request.follow) followers--;
    }
  }

  return {
    track(containers) {
      void inTurn(() => {
        const listed = new Set<DeploymentId>();
        for (const { deployment, project, service, slot, containerId } of containers) {
          listed.add(deployment);
          const there = kept.get(deployment);
          if (there !== undefined) {
            there.listed = true;
            there.wanted = containerId;
            continue;
          }
          const folder = `${deps.logsDir}/${deployment}`;
          const state: LogState = {
            schema: 1,
            deployment,
            project,
            service,
            slot,
            source: null,
            segment: 1,
            segmentBytes: 0,
          };
          kept.set(deployment, {
            deployment,
            folder,
            listed: true,
            state,
            open: null,
            wanted: containerId,
          });
        }
        for (const one of kept.values()) {
          if (listed.has(one.deployment)) continue;
          one.listed = false;
          one.wanted = null;
        }
        return Promise.resolve();
      });
    },
    read,
    flush: (deployment) =>
      inTurn(async () => {
        const one = kept.get(deployment);
        if (one !== undefined) { while (await copyOne(one)); }
      }),
    drop: (deployment) =>
      inTurn(async () => {
        const one = kept.get(deployment);
        if (one !== undefined) await forget(one);
      }),
    held: () => inTurn(segmentsOf),
    dropSegment: (deployment, number) =>
      inTurn(async () => {
        const found = (await segmentsOf()).find((each) =>
          each.deployment === deployment && each.number === number
        );
        if (found !== undefined && !found.active) await remove(found);
      }),
    async close() {
      stop.abort();
      await running;
      await inTurn(async () => {
        for (const one of kept.values()) {
          await one.open?.close().catch((thrown) =>
            warnOnce(one.deployment, "a log could not be closed", thrown)
          );
          one.open = null;
        }
      });
    },
  };
}
