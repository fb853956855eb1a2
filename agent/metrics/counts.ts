/** What the agent counts of its own work. */
import type { Sample } from "../../shared/metrics/families.ts";
import type { Transport } from "../../shared/api/client.ts";

export interface Counts {
  checked(result: "passed" | "failed"): void;
  turned(state: "idle" | "processing"): void;
  failed(): void;
  /** Counts the requests that go through it. */
  counting(transport: Transport): Transport;
  /** All of them so far, without the node's name. */
  all(): readonly Sample[];
}

const OPERATION = /\/api\/v1\/agent\/([a-z-]+)/;

export function createCounts(): Counts {
  const checks = { passed: 0, failed: 0 };
  const turns = { idle: 0, processing: 0 };
  let failures = 0;
  const requests = new Map<string, { labels: Readonly<Record<string, string>>; value: number }>();

  function asked(request: Request, code: number): void {
    const operation = OPERATION.exec(new URL(request.url).pathname)?.[1] ?? "other";
    const key = `${operation} ${code}`;
    const count = requests.get(key) ??
      { labels: { operation, code: String(code) }, value: 0 };
    count.value += 1;
    requests.set(key, count);
  }

  return {
    checked(result) {
      checks[result] += 1;
    },
    turned(state) {
      turns[state] += 1;
    },
    failed() {
      failures += 1;
    },
    counting: (transport) => async (request) => {
      try {
        const response = await transport(request);
        asked(request, response.status);
        return response;
      } catch (thrown) {
        asked(request, 0);
        throw thrown;
      }
    },
    all: () => [
      ...Object.entries(checks).map(([result, value]): Sample => ({
        name: "skerry_health_checks_total",
        labels: { result },
        value,
      })),
      ...Object.entries(turns).map(([state, value]): Sample => ({
        name: "skerry_reconcile_turns_total",
        labels: { state },
        value,
      })),
      { name: "skerry_reconcile_failures_total", labels: {}, value: failures },
      ...[...requests.values()].map(({ labels, value }): Sample => ({
        name: "skerry_agent_requests_total",
        labels,
        value,
      })),
    ],
  };
}
