/**
 * Leads the host's own programs to internal names where systemd-resolved answers them. It is a loop
 * of its own: whatever resolved does, or does not, no container waits for it.
 */
import type { Clock } from "../../../shared/clock.ts";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import type { Log } from "../../../shared/log.ts";
import type { ReportedVerdict } from "../../../shared/model/verdict.ts";
import type { Resolved } from "../../drivers/resolved/driver.ts";
import type { DnsStatus } from "../dns/loop.ts";

/** Resolved is looked at this often: it may start anew, and other programs set it up, too. */
const LOOK_MS = 30_000;
/** Until our own server answers, this often. */
const FIRST_LOOK_MS = 1_000;

export interface HostNames {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Why the host is not led, where it should be. */
  verdicts(): readonly ReportedVerdict[];
  /** Undoes all of it. */
  close(): Promise<void>;
}

export interface HostNamesDeps {
  readonly resolved: Resolved;
  /** Name of the interface. */
  readonly link: string;
  /** Of our server on 127.0.0.1. */
  readonly port: number;
  dns(): Pick<DnsStatus, "alive" | "served" | "problems">;
  readonly clock: Clock;
  readonly log: Log;
  /** The verdicts are others now. */
  onChange(): void;
}

/** The zone, once our server answers for it on that port of 127.0.0.1; null: it does not. Pure. */
export function answeredZone(
  { alive, served, problems }: Pick<DnsStatus, "alive" | "served" | "problems">,
  port: number,
): string | null {
  if (!alive || served === null) return null;
  const { listen, zone } = served.config;
  const listens = listen.some((each) => each.hostname === "127.0.0.1" && each.port === port);
  return listens && !problems.some(({ address }) => address === `127.0.0.1:${port}`) ? zone : null;
}

export function createHostNames(deps: HostNamesDeps): HostNames {
  const { resolved, link, port, clock, log } = deps;
  let failed: { readonly message: string; readonly remedy: string | null } | null = null;
  /** Something of ours may be on this host. */
  let touched = false;

  function settle(next: typeof failed): void {
    if (next?.message === failed?.message) return;
    failed = next;
    if (next !== null) log.warn("the host's own programs", { reason: next.message });
    deps.onChange();
  }

  async function look(zone: string, signal: AbortSignal): Promise<void> {
    try {
      const wanted = { link, zone, port };
      const seen = await resolved.observe(wanted, signal);
      // An agent before this one may have been killed: what runs here is undone at the end.
      touched ||= seen.running;
      if (seen.running && !seen.led) {
        await resolved.ensure(wanted, signal);
        log.info("the host's own programs are led to internal names", { zone, link });
      }
      settle(null);
    } catch (thrown) {
      if (signal.aborted) return;
      const remedy = thrown instanceof SkerryError ? thrown.remedy : null;
      settle({ message: messageOf(thrown), remedy });
    }
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        const zone = answeredZone(deps.dns(), port);
        if (zone !== null) await look(zone, signal);
        await clock.sleep(zone === null ? FIRST_LOOK_MS : LOOK_MS, signal);
      }
    },
    verdicts: () =>
      failed === null ? [] : [{
        facet: "host_names",
        subject: "host_names",
        kind: "blocked",
        reason: { code: "host_names", message: failed.message },
        remedy: failed.remedy ?? "`skerry doctor` says how to do it by hand",
      }],
    async close() {
      if (!touched) return;
      try {
        await resolved.remove(link);
      } catch (thrown) {
        log.warn("the host's own programs", { reason: messageOf(thrown) });
      }
    },
  };
}
