/** How many requests are answered at one time: one connection may carry many of them (HTTP/2). */
import { type Problem, PROBLEM_TYPE } from "../../shared/api/problem.ts";
import { networkOf } from "../../shared/network_of.ts";

export interface RunningLimits {
  readonly all: number;
  /** Of one network ({@link networkOf}). */
  readonly perNetwork: number;
}

/** As many as connections: pages hold one stream open each, and HTTP/1 one connection for it. */
export const RUNNING_LIMITS: RunningLimits = { all: 2_000, perNetwork: 500 };

export type Admitted =
  | { readonly kind: "enters"; readonly leave: () => void }
  | { readonly kind: "refused"; readonly response: Response };

const RETRY_AFTER_SECONDS = 5;

function refusal(status: 429 | 503, detail: string): Response {
  const problem: Problem = {
    type: "tag:skerry,2026:too_many_requests",
    title: "too many requests",
    status,
    detail,
    code: "too_many_requests",
    remedy: "End some of those that are open (pages, `logs -f`, `exec`), or try again later.",
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  };
  return new Response(JSON.stringify(problem), {
    status,
    headers: { "content-type": PROBLEM_TYPE, "retry-after": `${RETRY_AFTER_SECONDS}` },
  });
}

/** Nothing runs yet. */
export function createRunning(limits: RunningLimits): (address: string) => Admitted {
  const byNetwork = new Map<string, number>();
  let all = 0;
  return (address) => {
    const network = networkOf(address);
    const count = byNetwork.get(network) ?? 0;
    if (count >= limits.perNetwork) {
      const detail = `${count} requests from ${network} are being answered, no more at one time`;
      return { kind: "refused", response: refusal(429, detail) };
    }
    if (all >= limits.all) {
      const detail = `${all} requests are being answered, no more at one time`;
      return { kind: "refused", response: refusal(503, detail) };
    }
    byNetwork.set(network, count + 1);
    all += 1;
    let left = false;
    return {
      kind: "enters",
      leave() {
        if (left) return;
        left = true;
        all -= 1;
        const still = (byNetwork.get(network) ?? 1) - 1;
        if (still > 0) byNetwork.set(network, still);
        else byNetwork.delete(network);
      },
    };
  };
}
