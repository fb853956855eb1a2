/**
 * Looks at the host and at every running container: files of the kernel alone, in one pass. Each
 * series of looks (the one that is kept every 10 s, the one that a person watches) has counters of
 * its own to count from.
 */
import type { Clock } from "../../../shared/clock.ts";
import type {
  ContainerUse,
  LatestMetrics,
  MetricBounds,
  MetricValues,
} from "../../../shared/model/metrics.ts";
import type { Space } from "../../../shared/model/disk.ts";
import { findGroup, type GroupPaths, lookAt } from "./container_files.ts";
import { createHostReader, type HostFiles, type HostLook } from "./host_files.ts";
import { type Look, valuesOf } from "./rates.ts";
import type { SampleTarget } from "./targets.ts";

/** After so many containers others have their turn. */
const AT_ONCE = 20;

export interface SamplerDeps {
  readonly files: HostFiles;
  readonly clock: Clock;
  /** Of the disk that the home lies on. */
  space(): Space | null;
}

/** All that one pass has found. */
export interface Pass {
  readonly latest: LatestMetrics;
  readonly host: HostLook;
  /** Beside `latest.containers`, in their order. */
  readonly looks: readonly Look[];
}

/** A series of looks. */
export interface Series {
  pass(): Promise<Pass>;
}

export interface Sampler {
  /** What is looked at from now on. */
  follow(targets: readonly SampleTarget[]): void;
  series(): Series;
}

interface Place {
  readonly group: GroupPaths;
  readonly ownNetwork: boolean;
}

export function createSampler(deps: SamplerDeps): Sampler {
  const { files, clock } = deps;
  const hostReader = createHostReader(files);
  const places = new Map<string, Place>();
  let targets: readonly SampleTarget[] = [];

  function placeOf(target: SampleTarget): Place | null {
    const known = places.get(target.identity);
    if (known !== undefined) return known;
    const group = findGroup(target.containerId, target.pid, files.read);
    if (group === null) return null;
    const namespace = files.link(`/proc/${target.pid}/ns/net`);
    const ownNetwork = namespace !== null && namespace !== files.link("/proc/self/ns/net");
    const place = { group, ownNetwork };
    places.set(target.identity, place);
    return place;
  }

  function look(target: SampleTarget): Look | null {
    const place = placeOf(target);
    if (place === null) return null;
    const { pid, identity } = target;
    const { ownNetwork } = place;
    return lookAt({ pid, identity, ownNetwork }, place.group, files.read, clock.monotonic());
  }

  function series(): Series {
    let before = new Map<string, Look>();
    let hostBefore: HostLook | null = null;
    return {
      async pass() {
        const at = clock.now();
        const space = deps.space();
        const host = hostReader.look(clock.monotonic(), space?.usedBytes ?? null);
        const bounds: MetricBounds = {
          cpu: host.cores,
          memory: host.memoryTotalBytes,
          disk_used: space?.totalBytes ?? null,
        };
        const values = valuesOf(hostBefore, host);
        hostBefore = host;
        const next = new Map<string, Look>();
        const containers: ContainerUse[] = [];
        const looks: Look[] = [];
        for (const [index, target] of targets.entries()) {
          if (index % AT_ONCE === AT_ONCE - 1) await clock.sleep(0);
          const seen = look(target);
          if (seen === null) continue;
          next.set(target.identity, seen);
          looks.push(seen);
          containers.push(useOf(target, valuesOf(before.get(target.identity) ?? null, seen)));
        }
        before = next;
        return { latest: { at, node: { values, bounds }, containers }, host, looks };
      },
    };
  }

  return {
    follow(next) {
      targets = next;
      const wanted = new Set(next.map(({ identity }) => identity));
      for (const identity of places.keys()) if (!wanted.has(identity)) places.delete(identity);
    },
    series,
  };
}

function useOf(target: SampleTarget, values: MetricValues): ContainerUse {
  const { project, projectName, service, slot, limits } = target;
  const bounds = { cpu: limits.cpus, memory: limits.memoryBytes, disk_used: null };
  return { project, projectName, service, slot, values, bounds };
}
