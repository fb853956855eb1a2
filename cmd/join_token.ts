/**
 * How the agent of a home joins its control plane where the two are processes of their own: by a
 * one-time token in a file of the run folder that root alone may read. It is there while no node has
 * reported, is renewed before it gets too old, and goes with the first report.
 */
import { join } from "node:path";
import { readTextIfThere, writeFileAtomically } from "../shared/atomic_file.ts";
import type { ControlApp } from "../control/app.ts";
import type { Clock } from "../shared/clock.ts";
import { messageOf } from "../shared/errors.ts";
import type { HomeLayout } from "../shared/home.ts";
import type { Log } from "../shared/log.ts";

const LIFETIME_MS = 3_600_000;
const RENEW_MS = LIFETIME_MS / 2;

const pathOf = (layout: Pick<HomeLayout, "runDir">) => join(layout.runDir, "join-token");

/** null: no token is there. */
export async function readJoinToken(layout: Pick<HomeLayout, "runDir">): Promise<string | null> {
  const text = await readTextIfThere(pathOf(layout));
  return text === null ? null : text.trim();
}

export interface JoinToken {
  /** To be called after each request: takes the token away once a node has reported. */
  settle(): void;
  /** Takes it away for good. */
  close(): Promise<void>;
}

/** Leaves a token where one is wanted. The run folder must exist. */
export async function leaveJoinToken(deps: {
  readonly layout: Pick<HomeLayout, "runDir">;
  readonly app: Pick<ControlApp, "awaitsNode" | "createEnrollToken">;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<JoinToken> {
  const { app, clock, log } = deps;
  const path = pathOf(deps.layout);
  const over = new AbortController();
  const write = () => writeFileAtomically(path, app.createEnrollToken(LIFETIME_MS), 0o600);
  const remove = () => Deno.remove(path).catch(() => undefined);

  async function keep(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(RENEW_MS, over.signal);
      if (over.signal.aborted) break;
      await write().catch((thrown) =>
        log.error("no token to join could be left", { path, reason: messageOf(thrown) })
      );
    }
    await remove();
  }
  await remove();
  if (!app.awaitsNode()) return { settle() {}, close: () => Promise.resolve() };
  await write();
  const kept = keep();
  return {
    settle() {
      if (!over.signal.aborted && !app.awaitsNode()) over.abort();
    },
    async close() {
      over.abort();
      await kept;
    },
  };
}
