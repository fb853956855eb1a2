/** Metrics of a home over its real files, and what of them people and programs are told. */
import { join } from "node:path";
import type { Clock } from "../shared/clock.ts";
import { readSpace } from "../shared/disk_space.ts";
import type { Log } from "../shared/log.ts";
import type { DiskReport } from "../shared/model/disk.ts";
import type { AgentLink } from "../shared/model/link.ts";
import type { DnsStatus } from "./loops/dns/loop.ts";
import { machineFiles } from "./loops/sampler/host_files.ts";
import { createSampler } from "./loops/sampler/sampler.ts";
import { type Counts, createCounts } from "./metrics/counts.ts";
import { createHomeMetrics, type HomeMetrics } from "./metrics/home_metrics.ts";
import { agentSamples } from "./metrics/samples.ts";
import type { AgentSettings } from "./settings.ts";

export interface AgentMetricsDeps {
  readonly settings: AgentSettings;
  readonly clock: Clock;
  readonly log: Log;
  disk(): DiskReport | null;
  dns(): DnsStatus;
}

export interface AgentMetrics extends Pick<HomeMetrics, "follow" | "run" | "bytes"> {
  readonly counts: Counts;
  readonly link: Pick<AgentLink, "metrics" | "latestMetrics" | "samples">;
}

export function createAgentMetrics(deps: AgentMetricsDeps): AgentMetrics {
  const { settings, clock, log } = deps;
  const { home } = settings.layout;
  const sampler = createSampler({ files: machineFiles, clock, space: () => readSpace(home) });
  const metrics = createHomeMetrics({
    folder: join(settings.layout.agentDir, "metrics"),
    budgetBytes: settings.metricsBudgetBytes,
    sampler,
    clock,
    log,
  });
  const counts = createCounts();
  return {
    follow: metrics.follow,
    run: metrics.run,
    bytes: metrics.bytes,
    counts,
    link: {
      metrics: (request) => metrics.read(request),
      latestMetrics: () => metrics.latest(),
      async samples() {
        return agentSamples({
          node: settings.name,
          pass: await metrics.look(),
          disk: deps.disk(),
          storeBytes: metrics.bytes(),
          dns: deps.dns(),
          counts: counts.all(),
        });
      },
    },
  };
}
