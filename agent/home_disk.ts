/** The disk loop of a home over its real files. */
import { join } from "node:path";
import { homeBallast } from "../shared/ballast.ts";
import type { Clock } from "../shared/clock.ts";
import { readSpace } from "../shared/disk_space.ts";
import type { Log } from "../shared/log.ts";
import { podmanPaths } from "./drivers/podman/service.ts";
import { createStoreSize } from "./drivers/podman/store_size.ts";
import { folderBytes } from "./loops/disk/folder_bytes.ts";
import { createDiskLoop, type DiskLoop, type DiskLoopDeps } from "./loops/disk/loop.ts";
import { openImageUses } from "./loops/disk/uses.ts";
import type { AgentSettings } from "./settings.ts";

export interface HomeDiskDeps {
  readonly settings: AgentSettings;
  readonly podman: DiskLoopDeps["podman"];
  readonly logs: DiskLoopDeps["logs"];
  readonly events: DiskLoopDeps["events"];
  metricBytes(): number;
  readonly clock: Clock;
  readonly log: Log;
  onChange(): void;
}

export async function createHomeDisk(deps: HomeDiskDeps): Promise<DiskLoop> {
  const { settings, podman, logs, events, clock, log } = deps;
  const { layout, disk, imageKeepMs } = settings;
  const store = createStoreSize(podmanPaths(layout).root);
  return createDiskLoop({
    home: layout.home,
    limits: disk,
    imageKeepMs,
    readSpace,
    ballast: homeBallast(layout, readSpace),
    podman,
    uses: await openImageUses(join(layout.agentDir, "image-uses.json"), {
      now: clock.now(),
      mostMs: Math.max(imageKeepMs, 3_600_000),
      log,
    }),
    imageBytes: () => store.imageBytes(),
    fileBytes: () => folderBytes([layout.controlBlobs, layout.agentBlobs]),
    metricBytes: () => deps.metricBytes(),
    logs,
    events,
    clock,
    log,
    onChange: () => deps.onChange(),
  });
}
