/** Counts what the control plane answered. */
import type { Sample } from "../../shared/metrics/families.ts";

export interface RequestCounts {
  /** `operation`: one of the API's, or `page`; few and known, whatever was asked for. */
  answered(operation: string, status: number): void;
  samples(): readonly Sample[];
}

export function createRequestCounts(): RequestCounts {
  const counts = new Map<string, { readonly labels: Sample["labels"]; value: number }>();
  return {
    answered(operation, status) {
      const key = `${operation} ${status}`;
      const count = counts.get(key) ?? { labels: { operation, code: String(status) }, value: 0 };
      count.value += 1;
      counts.set(key, count);
    },
    samples: () =>
      [...counts.values()].map(({ labels, value }) => ({
        name: "skerry_http_requests_total",
        labels,
        value,
      })),
  };
}
