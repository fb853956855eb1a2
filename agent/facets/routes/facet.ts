/** The ingress: Traefik kept running, and its one file kept as the world wants it. */
import type { OwnCertificates } from "../../../shared/certificates/own.ts";
import type { Uploaded } from "../../../shared/certificates/uploaded.ts";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import { type Log, silentLog } from "../../../shared/log.ts";
import type { Engine, EngineState } from "../../drivers/engine/engine.ts";
import { logTail } from "../../drivers/engine/log_file.ts";
import {
  PORT_TAKEN_UNSEEN,
  type Traefik,
  type TraefikLaunch,
  type TraefikProblem,
  type TraefikSeen,
} from "../../drivers/traefik/traefik.ts";
import type { Instant } from "../../../shared/model/verdict.ts";
import type { Facet, Planned } from "../../reconcile/world.ts";
import {
  planRoutes,
  PROXY_FAILED,
  PROXY_HUNG,
  PROXY_OUTDATED,
  PROXY_STARTING,
  type RoutesStep,
} from "./plan.ts";
import { lastErrorLine } from "./proxy_log.ts";
import type { RoutesSeen } from "./seen.ts";
import type { RoutesDesired, RoutesWorld } from "./view.ts";
import { certifiedNames } from "./wanted.ts";

export interface RoutesFacetDeps {
  readonly traefik: Traefik;
  /** Bound to `traefik.files.stateFile`. */
  readonly engine: Engine;
  readonly certificates: OwnCertificates;
  /** What somebody handed in. */
  readonly uploaded?: Pick<Uploaded, "current">;
  /** Names and addresses of the node itself, for its certificate. */
  readonly ownNames: () => readonly string[];
  readonly clock?: Clock;
  readonly log?: Log;
}

/** A facet that asks for no more of a world than it needs. */
export interface RoutesFacet {
  readonly name: "routes";
  observe(desired: RoutesDesired): Promise<RoutesSeen>;
  plan(world: RoutesWorld, now: Instant): readonly Planned<RoutesStep>[];
  execute(step: RoutesStep, world: RoutesWorld, signal: AbortSignal): Promise<void>;
}

/** A running proxy that does not answer for so long hangs. */
const HUNG_AFTER_MS = 20_000;
const STOP_GRACE_MS = 10_000;
/** The kernel frees the ports of a killed proxy within that; who still holds one then is a stranger. */
const PORT_FREED_WITHIN_MS = 5_000;

const OUTDATED = {
  code: PROXY_OUTDATED,
  message: "the proxy was started with other settings or from another binary",
  remedy: "It is restarted by itself.",
};

function beingFreed(taken: TraefikProblem): TraefikProblem {
  return {
    ...taken,
    code: PROXY_STARTING,
    message: `${taken.message}; it may be about to be freed`,
  };
}

export function createRoutesFacet(deps: RoutesFacetDeps): RoutesFacet {
  const {
    traefik,
    engine,
    certificates,
    uploaded,
    ownNames,
    clock = systemClock,
    log = silentLog,
  } = deps;
  /** Since when (monotonic) a running proxy has not answered. */
  let silentSince: number | null = null;
  /** Since when (monotonic) a port is held by nobody who can be seen. */
  let unseenSince: number | null = null;
  /** It was started here and nothing has been seen of it since. */
  let startedUnseen = false;

  const seenWith = (over: Partial<RoutesSeen>): RoutesSeen => ({
    alive: false,
    problem: null,
    digest: null,
    servers: new Set(),
    httpPort: traefik.httpPort,
    httpsPort: traefik.httpsPort,
    ...over,
  });

  function isBeingFreed(taken: TraefikProblem): boolean {
    if (taken.code !== PORT_TAKEN_UNSEEN) return false;
    unseenSince ??= clock.monotonic();
    return clock.monotonic() - unseenSince < PORT_FREED_WITHIN_MS;
  }

  async function whyAbsent(): Promise<RoutesSeen> {
    const taken = traefik.portProblem();
    if (taken !== null) {
      return seenWith({ problem: isBeingFreed(taken) ? beingFreed(taken) : taken });
    }
    unseenSince = null;
    if (!startedUnseen) return seenWith({});
    const line = lastErrorLine(await logTail(traefik.files.logFile, 16_384));
    return seenWith({
      problem: {
        code: PROXY_FAILED,
        message: `the proxy ended after its start${line === null ? "" : `: ${line}`}`,
        remedy: `Read the end of ${traefik.files.logFile}.`,
      },
    });
  }

  function whySilent(): RoutesSeen {
    silentSince ??= clock.monotonic();
    const hung = clock.monotonic() - silentSince > HUNG_AFTER_MS;
    return seenWith({
      problem: {
        code: hung ? PROXY_HUNG : PROXY_STARTING,
        message: hung
          ? `the proxy has not answered for ${HUNG_AFTER_MS / 1000} s`
          : "the proxy runs but does not answer yet",
        remedy: `Read the end of ${traefik.files.logFile}.`,
      },
    });
  }

  /** The certificate in use covers all names that it should, and is not near its end. */
  async function isCertificateGood(look: TraefikSeen, desired: RoutesDesired): Promise<boolean> {
    const names = certifiedNames(desired, ownNames());
    const current = await certificates.current(names, clock.now());
    const handedIn = await uploaded?.current() ?? null;
    return current !== null && current.certFile === look.certFile &&
      handedIn?.certFile === look.uploadedFile;
  }

  async function observe(desired: RoutesDesired): Promise<RoutesSeen> {
    let launch: TraefikLaunch | null = null;
    let problem: RoutesSeen["problem"] = null;
    const running = (await engine.state()).kind !== "absent";
    try {
      launch = await traefik.launch(running);
    } catch (thrown) {
      if (!(thrown instanceof SkerryError)) throw thrown;
      problem = { code: thrown.code, message: thrown.message, remedy: thrown.remedy ?? "" };
    }
    const state = launch === null ? await engine.state() : await engine.state(launch);
    if (state.kind === "absent") {
      silentSince = null;
      return problem === null ? await whyAbsent() : seenWith({ problem });
    }
    startedUnseen = false;
    const look = await traefik.look();
    const shown = {
      alive: look.answers,
      servers: new Set(look.servers),
      writtenServers: new Set(look.written),
    };
    if (state.kind === "outdated") {
      return seenWith({ ...shown, digest: look.digest, problem: OUTDATED });
    }
    if (!look.answers) return whySilent();
    silentSince = null;
    await boundAccessLog(state.pid);
    const good = await isCertificateGood(look, desired);
    return seenWith({ ...shown, digest: good ? look.digest : null });
  }

  async function boundAccessLog(pid: number): Promise<void> {
    try {
      await traefik.boundAccessLog(pid);
    } catch (thrown) {
      log.warn("access log not turned over", { why: messageOf(thrown) });
    }
  }

  async function start(): Promise<EngineState> {
    const taken = (await engine.state()).kind === "absent" ? traefik.portProblem() : null;
    if (taken !== null) throw new SkerryError(taken.code, taken.message, taken.remedy);
    const running = (await engine.state()).kind !== "absent";
    const state = await engine.ensure(await traefik.launch(running));
    startedUnseen = true;
    return state;
  }

  async function publish(
    step: Extract<RoutesStep, { kind: "publish" }>,
    desired: RoutesDesired,
    signal: AbortSignal,
  ): Promise<void> {
    const names = certifiedNames(desired, ownNames());
    const { certFile, keyFile } = await certificates.ensure(names, clock.now());
    const state = await engine.state();
    const pid = state.kind === "absent" ? null : state.pid;
    const handedIn = await uploaded?.current() ?? null;
    const config = {
      ...(handedIn === null ? {} : { uploaded: handedIn }),
      digest: step.digest,
      routes: step.routes,
      certificate: { certFile, keyFile },
    };
    await traefik.publish(config, pid, signal);
    log.info("routes published", { routes: step.routes.length, digest: step.digest.slice(0, 12) });
  }

  const facet: RoutesFacet = {
    name: "routes",
    observe,
    plan: planRoutes,
    async execute(step, world, signal) {
      switch (step.kind) {
        case "start":
          await start();
          return;
        case "restart":
          await engine.stop(STOP_GRACE_MS);
          silentSince = null;
          await start();
          return;
        case "publish":
          return await publish(step, world.desired, signal);
      }
    },
  };
  return facet satisfies Facet<"routes", RoutesStep>;
}
