/** Names: the DNS server is told who answers to what, and says that it has taken it over. */
import { SkerryError } from "../../../shared/errors.ts";
import type { Instant, Verdict } from "../../../shared/model/verdict.ts";
import type { DnsConfig } from "../../loops/dns/config.ts";
import { digestOf, type DnsLoop } from "../../loops/dns/loop.ts";
import type { Facet } from "../../reconcile/world.ts";
import type { KeptNames } from "./kept.ts";
import type { NamesSeen } from "./seen.ts";
import { type NamesPlace, wantedNames } from "./wanted.ts";
import { type Answered, answeredWith } from "./withdrawn.ts";

export interface NamesStep {
  readonly kind: "publish";
  readonly config: DnsConfig;
}

/** `upstreams` may be a getter, so that a changed resolv.conf is taken up. */
export interface NamesFacetDeps extends NamesPlace {
  readonly loop: DnsLoop;
  readonly kept: Pick<KeptNames, "save">;
}

export function createNamesFacet(deps: NamesFacetDeps): Facet<"names", NamesStep> {
  let answered: Answered = { addresses: new Set(), withdrawnAt: new Map() };
  let known: DnsConfig | null = null;

  /** Also a configuration that was acknowledged after its step had been given up counts. */
  function follow(): void {
    const { served } = deps.loop.status();
    if (served === null || served.config === known) return;
    known = served.config;
    answered = answeredWith(served.config, answered, served.at);
  }

  return {
    name: "names",
    async observe() {
      follow();
      const { alive, digest, problems } = deps.loop.status();
      return { alive, digest, ...answered, bindProblems: problems };
    },
    plan: (world, now) => [{
      subject: "names",
      verdict: planNames(wantedNames(world, deps), world.seen.names, now),
    }],
    async execute(step, _world, signal) {
      await unlessAborted(deps.loop.configure(step.config), signal);
      follow();
      await deps.kept.save(step.config);
    },
  };
}

/** Pure. */
export function planNames(wanted: DnsConfig, seen: NamesSeen, now: Instant): Verdict<NamesStep> {
  const digest = digestOf(wanted);
  if (seen.digest !== digest) {
    const serving = wanted.hosts.filter((host) => host.serving).length;
    return {
      kind: "do",
      step: { kind: "publish", config: wanted },
      key: `names/${digest}`,
      phase: "publish",
      why: seen.alive
        ? `the DNS server answers for another state; ${serving} addresses are to be answered`
        : "the DNS server does not run",
    };
  }
  const problem = seen.bindProblems[0];
  if (problem === undefined) return { kind: "converged" };
  const { code, message } = problem;
  switch (code) {
    case "AddrInUse":
      return {
        kind: "blocked",
        reason: { code: "dns_port_taken", message },
        remedy: `Stop the program that holds ${problem.address}, or choose another port.`,
      };
    case "PermissionDenied":
      return {
        kind: "blocked",
        reason: { code: "dns_port_forbidden", message },
        remedy: `Run the agent as root, or let it listen below 1024 (CAP_NET_BIND_SERVICE).`,
      };
    default:
      // The bridge's address comes with the network; the server tries again every second.
      return { kind: "waiting", for: { code: "dns_not_bound", message }, since: now };
  }
}

function unlessAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new SkerryError("aborted", "publishing names: stopped in between"));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
