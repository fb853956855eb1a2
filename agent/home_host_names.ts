/** The host's own way to internal names, over the real systemd-resolved. */
import type { Clock } from "../shared/clock.ts";
import type { RunCommand } from "../shared/command.ts";
import type { Log } from "../shared/log.ts";
import { createResolved } from "./drivers/resolved/resolved.ts";
import { createHostNames, type HostNames } from "./loops/host_names/loop.ts";
import type { FirstNames } from "./names_first.ts";
import type { AgentSettings } from "./settings.ts";

export interface HomeHostNamesDeps {
  readonly settings: AgentSettings;
  readonly names: FirstNames;
  readonly run: RunCommand;
  readonly clock: Clock;
  readonly log: Log;
  onChange(): void;
}

export function createHomeHostNames(deps: HomeHostNamesDeps): HostNames {
  const { settings, names, run, clock, log, onChange } = deps;
  return createHostNames({
    resolved: createResolved({
      run,
      exists: (path) => Deno.stat(path).then(() => true, () => false),
    }),
    link: settings.layout.resolvedLink,
    port: settings.dnsPort,
    dns: () => names.loop.status(),
    clock,
    log,
    onChange,
  });
}
