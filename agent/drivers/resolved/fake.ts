/** A systemd-resolved in memory, with the promises of the real driver. */
import { SkerryError } from "../../../shared/errors.ts";
import type { Resolved, ResolvedWanted } from "./driver.ts";

export interface FakeResolved extends Resolved {
  start(): Promise<void>;
  /** It remembers links; without `keep` its run folder is cleared, too. */
  stop(keep?: boolean): Promise<void>;
  /** Another hand takes the interface away. */
  vanish(link: string): Promise<void>;
  /** Another hand takes from it what it was told. */
  revert(link: string): Promise<void>;
  /** Every call that tells it something fails. */
  refuse(refusing: boolean): void;
  /** Interfaces that are there. */
  links(): readonly string[];
}

export function createFakeResolved(): FakeResolved {
  let running = false;
  let refusing = false;
  const there = new Set<string>();
  const told = new Map<string, ResolvedWanted>();
  return {
    observe: (wanted) =>
      Promise.resolve(
        running
          ? {
            running,
            led: there.has(wanted.link) &&
              JSON.stringify(told.get(wanted.link)) === JSON.stringify(wanted),
          }
          : { running },
      ),
    ensure(wanted, signal) {
      signal?.throwIfAborted();
      if (!running || refusing) {
        return Promise.reject(new SkerryError("resolved_failed", "resolved does not listen"));
      }
      there.add(wanted.link);
      told.set(wanted.link, wanted);
      return Promise.resolve();
    },
    remove(link) {
      there.delete(link);
      told.delete(link);
      return Promise.resolve();
    },
    start() {
      running = true;
      return Promise.resolve();
    },
    stop(keep = true) {
      running = false;
      if (!keep) told.clear();
      return Promise.resolve();
    },
    vanish(link) {
      there.delete(link);
      told.delete(link);
      return Promise.resolve();
    },
    revert(link) {
      told.delete(link);
      return Promise.resolve();
    },
    refuse: (next) => void (refusing = next),
    links: () => [...there],
  };
}
