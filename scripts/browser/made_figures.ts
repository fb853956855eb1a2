/** What a node would tell of its use, and lines that services would write. */
import type { LogLine, LogRequest } from "../../shared/model/link.ts";
import {
  METRIC_UNITS,
  type MetricName,
  type MetricSeries,
  type MetricsRequest,
} from "../../shared/model/metrics.ts";
import type { Deployment } from "../../shared/model/sections.ts";

const MIB = 1024 ** 2;

/** The middle of each figure, and how far it goes from there. */
const FIGURES: Readonly<Partial<Record<MetricName, readonly [number, number]>>> = {
  cpu: [0.42, 0.3],
  memory: [610 * MIB, 40 * MIB],
  network_rx: [1.4 * MIB, 0.9 * MIB],
  network_tx: [0.3 * MIB, 0.2 * MIB],
  disk_read: [0.1 * MIB, 0.1 * MIB],
  disk_write: [0.6 * MIB, 0.4 * MIB],
};

/** Waves, the first point unknown. */
export function madeSeries({ subject, points }: MetricsRequest): MetricSeries[] {
  const labels = subject.kind === "node" ? {} : { slot: "1" };
  const names: readonly MetricName[] = [
    "cpu",
    "memory",
    "network_rx",
    "network_tx",
    "disk_read",
    "disk_write",
  ];
  return names.map((name, nth) => {
    const [middle, swing] = FIGURES[name] ?? [1, 1];
    const line = Array.from(
      { length: points },
      (_, at) =>
        at === 0 ? null : middle + swing * Math.sin(at / 9 + nth) * Math.cos(at / (23 + nth)),
    );
    return { name, unit: METRIC_UNITS[name], labels, points: line };
  });
}

const TEXTS = [
  "listening on :8080",
  "\u001b[32mGET\u001b[0m /api/orders?page=2 200 13 ms",
  "\u001b[33mslow query\u001b[0m took 412 ms: select * from orders where state = 'open'",
  "\u001b[31merror\u001b[0m: connection to db:5432 was refused, next try in 2 s",
];

/** Lines of each deployment up to a time, in milliseconds since 1970. */
export function madeLines(deployments: readonly Deployment[], at: number): LogLine[] {
  return Array.from({ length: 40 }, (_, index) => 40 - index).flatMap((back) =>
    deployments.filter(({ slot }) => (back + slot) % 3 !== 0).map((each) => ({
      deployment: each.id,
      service: each.serviceName,
      slot: each.slot,
      stream: back % 4 === 0 ? "stderr" as const : "stdout" as const,
      time: new Date(at - back * 1_700).toISOString(),
      text: TEXTS[(TEXTS.length * 10 - back) % TEXTS.length] ?? "",
      partial: false,
    }))
  );
}

/** So often lines come, all that are due at once. */
const TURN_MS = 20;

/** Lines that come to those who follow, so many a second; 0: none, and the stream stays open. */
export function flowingLines(
  deployments: () => readonly Deployment[],
  perSecond: number,
): (request: LogRequest, signal: AbortSignal) => AsyncGenerator<LogLine> {
  return async function* ({ service }, signal) {
    const from = deployments().find((each) =>
      service === undefined || each.serviceName === service
    );
    const begun = Date.now();
    for (let sent = 0; !signal.aborted;) {
      const due = from === undefined ? 0 : (Date.now() - begun) / 1000 * perSecond;
      for (; from !== undefined && sent < due; sent++) {
        yield {
          deployment: from.id,
          service: from.serviceName,
          slot: from.slot,
          stream: "stdout",
          // Each at a time of its own, as conmon writes them.
          time: `${new Date().toISOString().slice(0, -1)}${
            String(sent % 1_000_000).padStart(6, "0")
          }Z`,
          text: `line ${sent}: ${TEXTS[sent % TEXTS.length]}`,
          partial: false,
        };
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, perSecond === 0 ? 1_000 : TURN_MS);
        signal.addEventListener("abort", () => {
          clearTimeout(timer);
          resolve();
        }, { once: true });
      });
    }
  };
}
