/**
 * The first thing that an agent does: it answers with the names that it published last, before
 * control plane, Podman and all else are even loaded, so that a restart is a gap of a moment only.
 */
import { join } from "node:path";
import type { Clock } from "../shared/clock.ts";
import { messageOf } from "../shared/errors.ts";
import type { HomeLayout } from "../shared/home.ts";
import type { Log } from "../shared/log.ts";
import { createKeptNames, type KeptNames } from "./facets/names/kept.ts";
import { createDnsLoop, type DnsLoop } from "./loops/dns/loop.ts";

export interface FirstNames {
  readonly loop: DnsLoop;
  readonly kept: KeptNames;
}

/** The home's agent lock must be held: the sockets are its alone. */
export async function answerFromBefore(
  deps: { readonly layout: HomeLayout; readonly clock: Clock; readonly log: Log },
): Promise<FirstNames> {
  const kept = createKeptNames(join(deps.layout.agentDir, "names.json"));
  const loop = createDnsLoop(deps);
  const before = await kept.load();
  if (before !== null) {
    loop.configure(before).catch((thrown) =>
      deps.log.warn("the names of before cannot be answered", { reason: messageOf(thrown) })
    );
  }
  return { loop, kept };
}
