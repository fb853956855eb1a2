/** Metrics of a home: what is sampled, kept and asked for. */
import type { Clock } from "../../shared/clock.ts";
import { messageOf } from "../../shared/errors.ts";
import type { Log } from "../../shared/log.ts";
import {
  type LatestMetrics,
  type MetricsRequest,
  type MetricsView,
} from "../../shared/model/metrics.ts";
import type { Pass, Sampler } from "../loops/sampler/sampler.ts";
import { sampleTargets } from "../loops/sampler/targets.ts";
import { columnsOf, METRICS, type Row } from "./cells.ts";
import { type MetricStore, openMetricStore, TIERS } from "./store.ts";

const STEP_MS = TIERS[0]?.stepMs ?? 10_000;
/** Who looks more often sees the same again. */
const FRESH_MS = 1_900;
/** Rates over more than this tell nothing of now. */
const STALE_MS = 30_000;

export interface HomeMetricsDeps {
  readonly folder: string;
  readonly budgetBytes: number;
  readonly sampler: Sampler;
  readonly clock: Clock;
  readonly log: Log;
}

export interface HomeMetrics {
  follow(world: Parameters<typeof sampleTargets>[0]): void;
  read(request: MetricsRequest): Promise<MetricsView>;
  /** As of now, or some seconds ago. */
  latest(): Promise<LatestMetrics>;
  /** A look with the counters themselves. */
  look(): Promise<Pass>;
  /** On the disk. */
  bytes(): number;
  run(signal: AbortSignal): Promise<void>;
}

/** How a slot is called in the store; the node itself is "". */
function subjectOf(each: { project: string; service: string; slot: number }): string {
  return `${each.project}/${each.service}/${each.slot}`;
}

/** What a slot's containers (two, while one replaces the other) use together. Pure. */
export function rowsOf({ node, containers }: LatestMetrics): ReadonlyMap<string, Row> {
  const sums = new Map<string, Float64Array>([["", columnsOf(node.values)]]);
  for (const container of containers) {
    const columns = columnsOf(container.values);
    const before = sums.get(subjectOf(container));
    for (let metric = 0; before !== undefined && metric < METRICS; metric++) {
      const [was = Number.NaN, is = Number.NaN] = [before[metric], columns[metric]];
      columns[metric] = Number.isNaN(is) ? was : Number.isNaN(was) ? is : was + is;
    }
    sums.set(subjectOf(container), columns);
  }
  return new Map([...sums].map(([subject, values]) => [subject, { mean: values, peak: values }]));
}

export function createHomeMetrics(deps: HomeMetricsDeps): HomeMetrics {
  const { sampler, clock, log } = deps;
  const kept = sampler.series();
  const watched = sampler.series();
  const opened = Promise.withResolvers<MetricStore>();
  opened.promise.catch(() => undefined);
  let store: MetricStore | null = null;
  let last: LatestMetrics | null = null;
  let live: { atMs: number; rated: boolean; pass: Promise<Pass> } | null = null;

  function lookNow(): NonNullable<typeof live> {
    const now = clock.monotonic();
    const sinceMs = live === null ? Number.POSITIVE_INFINITY : now - live.atMs;
    if (live !== null && sinceMs <= FRESH_MS) return live;
    live = { atMs: now, rated: sinceMs < STALE_MS, pass: watched.pass() };
    return live;
  }

  async function tick(into: MetricStore): Promise<void> {
    const { latest } = await kept.pass();
    last = latest;
    // Rates are of the time before the look: half a step back is in the midst of it.
    into.add(latest.at - STEP_MS / 2, rowsOf(latest));
    await into.flush();
  }

  return {
    follow: (world) => sampler.follow(sampleTargets(world)),
    async read({ subject, from, to, points }) {
      const prefix = subject.kind === "node" ? null : `${subject.project}/${subject.service}/`;
      const answer = await (await opened.promise).read({
        from,
        to,
        points,
        slotOf(name) {
          if (prefix === null) return name === "" ? "" : null;
          return name.startsWith(prefix) ? name.slice(prefix.length) : null;
        },
      });
      return { ...answer, series: [...answer.series] };
    },
    async latest() {
      const { rated, pass } = lookNow();
      const { latest } = await pass;
      return rated || last === null || latest.at - last.at > STALE_MS ? latest : last;
    },
    look: () => lookNow().pass,
    bytes: () => store?.bytes() ?? 0,
    async run(signal) {
      try {
        const { folder, budgetBytes } = deps;
        store = await openMetricStore({ folder, budgetBytes, log });
      } catch (thrown) {
        // Without them all else goes on.
        log.error("metrics are not kept", { reason: messageOf(thrown) });
        opened.reject(thrown);
        return;
      }
      opened.resolve(store);
      while (!signal.aborted) {
        const past = clock.now() % STEP_MS;
        // The machine's clock may be set meanwhile: it is never waited for longer than this.
        await clock.sleep(past > STEP_MS * 0.8 ? 2 * STEP_MS - past : STEP_MS - past, signal);
        if (signal.aborted) break;
        await tick(store);
      }
      await store.close();
    },
  };
}
