/**
 * The agent, put together: drivers, facets, loops, sync and reports of one home. It comes up from
 * the last-good intent at once and asks the control plane, where there is one, beside that.
 */
import { join } from "node:path";
import type { Transport } from "../shared/api/client.ts";
import type { Clock } from "../shared/clock.ts";
import { createRunCommand } from "../shared/command.ts";
import { isNoSpace } from "../shared/disk_space.ts";
import { messageOf } from "../shared/errors.ts";
import type { Log } from "../shared/log.ts";
import type { AgentLink } from "../shared/model/link.ts";
import type { ReportedVerdict } from "../shared/model/verdict.ts";
import { decodeBase64, encodeBase64 } from "../shared/signing/base64.ts";
import { openSealed, sealTo } from "../shared/sealing/seal.ts";
import { linuxProcesses } from "./drivers/engine/process.ts";
import { createHomePodman } from "./engines/home_engines.ts";
import { createHomeDisk } from "./home_disk.ts";
import { createHomeFacets } from "./home_facets.ts";
import { createAgentMetrics } from "./home_metrics.ts";
import { createEventKeeper } from "./events/keeper.ts";
import { createHealthProber } from "./loops/health/prober.ts";
import { healthTargets } from "./loops/health/target.ts";
import { createLiveness } from "./loops/liveness/liveness.ts";
import { createPulls, wantedPulls } from "./loops/pulls/pulls.ts";
import { createLogKeeper } from "./logs/keeper.ts";
import { trackedContainers } from "./logs/tracked.ts";
import { createHomeJobs, timeZone } from "./jobs/home_jobs.ts";
import { createMembership } from "./membership.ts";
import type { FirstNames } from "./names_first.ts";
import { roomyMemory } from "./roomy.ts";
import { connectionsOfLeaving } from "./reconcile/connections.ts";
import { createLoop, type Turn } from "./reconcile/loop.ts";
import type { Desired, World } from "./reconcile/world.ts";
import { makeReport } from "./report/report.ts";
import { createReporter } from "./report/reporter.ts";
import { routeReports } from "./facets/routes/reports.ts";
import { createRegistries } from "./registries/registries.ts";
import { createTakeOver } from "./registries/take_over.ts";
import { createRuns } from "./runs/runs.ts";
import { createLocalLink } from "./sessions/link.ts";
import { createBlobStore } from "./sync/blob_store.ts";
import { FEATURES } from "./sync/desired.ts";
import type { Identity } from "./sync/identity.ts";
import type { LastGood } from "./sync/last_good.ts";
import { createMemoryStore } from "./sync/memory_store.ts";
import { loadNodeKeys } from "./sync/node_keys.ts";
import type { AgentSettings } from "./settings.ts";

/** What has not stopped by then is left to the init system. */
const MACHINE_END_MS = 5 * 60_000;

export interface AgentDeps {
  readonly settings: AgentSettings;
  /** Started before all else; the agent closes it. */
  readonly names: FirstNames;
  /** Carries requests, which are signed already, to the control plane. */
  readonly transport: Transport;
  /** A one-time token to join with; null: none can be had, the node waits for one. */
  enrolToken(): Promise<string | null>;
  /** Is the machine itself on its way down? Then containers are stopped at the end, each its own way. */
  machineEnds(): Promise<boolean>;
  readonly clock: Clock;
  /** Never jumps; what the names were started with. Back-off, deadlines and drains count on it. */
  readonly steady: Clock;
  readonly log: Log;
}

export interface Agent {
  /** Sessions on this node. */
  readonly link: AgentLink;
  /** The node's identity once it has joined. */
  identity(): Identity | null;
  /** Resolves once what was known before is being carried out; at once where nothing is known. */
  readonly underWay: Promise<void>;
  /** Runs until the signal aborts; containers and engines go on, unless the machine ends. */
  run(signal: AbortSignal): Promise<void>;
}

export async function createAgent(deps: AgentDeps): Promise<Agent> {
  const { settings, clock, steady, log } = deps;
  const { layout } = settings;
  const folders = [layout.home, layout.agentDir, layout.logsDir, layout.traefikDir];
  for (const folder of folders) await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  await Deno.mkdir(layout.runDir, { recursive: true, mode: 0o711 });

  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const keys = await loadNodeKeys(layout.agentKeys, random);
  const unseal = (sealed: string) => openSealed(keys.sealSecret, decodeBase64(sealed));
  const registries = createRegistries({ unseal, log });
  const { podman, keeper, applyRegistries } = await createHomePodman(
    layout,
    settings.insecureRegistries,
    registries.known,
    log,
  );
  const blobs = await createBlobStore(layout.agentBlobs);
  const logs = createLogKeeper({
    logsDir: layout.logsDir,
    logPath: (containerId) => podman.logPath(containerId),
    clock,
    log,
  });

  const events = await createEventKeeper({ folder: layout.eventsDir, clock, log });

  const metrics = createAgentMetrics({
    settings,
    clock,
    log,
    disk: () => disk.report(),
    dns: () => deps.names.loop.status(),
  });
  const disk = await createHomeDisk({
    settings,
    podman,
    logs,
    events,
    metricBytes: metrics.bytes,
    clock,
    log,
    onChange: () => loop.poke(),
  });

  let desired: Desired | null = null;
  let world: World | null = null;
  let syncProblem: { readonly code: string; readonly message: string } | null = null;
  const bootId = crypto.randomUUID();
  const underWay = Promise.withResolvers<void>();

  /** What is wanted, with what people and schedules run. */
  function withRuns(): Desired | null {
    return desired === null ? null : jobs.overlay(runs.overlay(desired));
  }
  const changed = () => {
    const wanted = withRuns();
    if (wanted !== null) loop.setDesired(wanted);
  };
  const making = {
    desired: withRuns,
    seal: (message: Uint8Array) =>
      encodeBase64(sealTo(decodeBase64(keys.public.seal), message, random)),
    unseal,
    random,
    changed,
  };
  const runs = createRuns({
    podman,
    ...making,
  });
  const jobs = await createHomeJobs({
    ...making,
    agentDir: layout.agentDir,
    disk,
    events,
    intent: () => desired,
    dropLog: (deployment) => logs.drop(deployment),
    clock,
    log,
  });
  const home = await createHomeFacets({
    attended: {
      beforeStart: runs.beforeStart,
      started: runs.started,
      cannotStart(id, thrown) {
        runs.cannotStart(id, thrown);
        jobs.cannotStart(id, thrown);
      },
    },
    settings,
    podman,
    names: deps.names,
    blobs,
    unseal,
    flushLogs: (deployment) => logs.flush(deployment),
    gateway: () => desired?.node.gateway ?? null,
    run: createRunCommand(),
    onChange: () => loop.poke(),
    clock,
    log,
  });
  const health = createHealthProber({
    clock: steady,
    wallNow: () => clock.now(),
    podman,
    onChange: () => loop.poke(),
    onCheck: (passed) => metrics.counts.checked(passed ? "passed" : "failed"),
  });
  const pulls = createPulls({
    clock: steady,
    podman,
    admit: disk.admit,
    failed: noteFailure,
    onChange: () => loop.poke(),
  });
  const liveness = createLiveness({
    clock,
    isAlive: (pid) => linuxProcesses.stat(pid) !== null,
    onDeath: () => loop.poke(),
  });
  const takeOver = createTakeOver(registries, applyRegistries, log);
  const link = createLocalLink({
    podman,
    disk,
    driver: podman,
    metrics: metrics.link,
    whenIntent: takeOver.when,
    run: (start, signal) => runs.run(start, signal),
    startRun: (start) => jobs.start(start),
    stopRun: (service, number) => jobs.stop(service, number),
    suspendJob: (service, on) => jobs.suspend(service, on),
    logs,
    events,
    containerOf(deployment) {
      const seen = world?.seen.containers.byDeployment.get(deployment);
      return Promise.resolve(seen?.state === "running" ? seen.id : null);
    },
  });
  const membership = await createMembership({
    settings,
    keys,
    transport: metrics.counts.counting(deps.transport),
    enrolToken: deps.enrolToken,
    blobs,
    disk,
    onIntent,
    onNothingKnown: () => underWay.resolve(),
    onProblem(problem) {
      syncProblem = problem;
      if (problem !== null) loop.poke();
    },
    clock,
    log,
  });
  const reporter = createReporter({
    clock,
    log,
    heartbeatMs: settings.heartbeatMs,
    retryCapMs: settings.retryCapMs,
    async send(report, signal) {
      await membership.client().report(report, signal);
    },
  });

  function noteFailure(thrown: unknown): void {
    if (isNoSpace(thrown)) disk.noticed();
  }

  function follow(next: World): void {
    world = next;
    disk.follow(next);
    metrics.follow(next);
    health.configure(healthTargets(next));
    pulls.configure(wantedPulls(next));
    const running = [...next.seen.containers.byDeployment.values()];
    liveness.configure(
      running.filter((each) => each.state === "running").map((each) => each.pid ?? 0)
        .filter((pid) => pid > 0),
    );
    logs.track(trackedContainers(next));
    runs.follow(next);
    jobs.follow(next);
  }

  function onTurn({ world: seen, state, verdicts: planned }: Turn): void {
    underWay.resolve();
    metrics.counts.turned(state);
    const verdicts = [...planned, ...disk.verdicts(), ...home.hostNames.verdicts()];
    const routes = seen === null ? [] : routeReports(seen);
    if (seen !== null) {
      events.offer({ world: seen, verdicts, routes, controlProblem: syncProblem });
    }
    runs.judge(verdicts);
    jobs.judge(verdicts);
    const identity = membership.identity();
    if (identity === null) return;
    const problem: ReportedVerdict[] = syncProblem === null ? [] : [{
      facet: "sync",
      subject: "sync",
      kind: "blocked",
      reason: syncProblem,
    }];
    const { sequence: _, ...report } = makeReport(
      {
        node: identity.node,
        bootId,
        sequence: 0,
        at: clock.now(),
        agent: { version: settings.version, features: [...FEATURES] },
      },
      {
        world: seen,
        state,
        now: steady.now(),
        // The loop counts on a clock of its own; people read the node's.
        verdicts: [...verdicts, ...problem].map((verdict) =>
          verdict.since === undefined
            ? verdict
            : { ...verdict, since: Math.max(0, verdict.since + clock.now() - steady.now()) }
        ),
        routes,
        disk: disk.report(),
        jobs: jobs.reports(),
        timeZone: timeZone(),
      },
    );
    reporter.offer(report);
  }

  const loop = createLoop({
    facets: home.facets,
    memory: roomyMemory(createMemoryStore(join(layout.agentDir, "memory.json"), log, steady), disk),
    clock: steady,
    log,
    onTurn,
    surroundings: {
      health: () => health.status(),
      pulls: () => pulls.status(),
      connections: connectionsOfLeaving,
      prepare: (signal) => keeper.prepare(signal),
      follow,
      failed(thrown) {
        metrics.counts.failed();
        noteFailure(thrown);
      },
    },
  });

  function onIntent(lastGood: LastGood): void {
    desired = lastGood.desired;
    log.info("intent", { revision: lastGood.manifest.revision, epoch: lastGood.manifest.epoch.n });
    const { revision } = lastGood.manifest;
    if (takeOver.configure(revision, lastGood.desired.registries)) pulls.again();
    changed();
    jobs.poke();
  }

  return {
    link,
    identity: membership.identity,
    underWay: underWay.promise,
    async run(signal) {
      events.tell(
        "skerry_started",
        `Skerry ${settings.version} has started`,
      );
      const background = (name: string, work: Promise<void>) =>
        work.catch((thrown) => {
          if (signal.aborted) return;
          log.error("a part of the agent ended", { part: name, reason: messageOf(thrown) });
          throw thrown;
        });
      try {
        await Promise.all([
          background("loop", loop.run(signal)),
          background("sync", membership.keep(signal)),
          background("reports", reporter.run(signal)),
          background("disk", disk.run(signal)),
          background("metrics", metrics.run(signal)),
          background("jobs", jobs.run(signal)),
          background("host names", home.hostNames.run(signal)),
        ]);
      } finally {
        if (world !== null && await deps.machineEnds().catch(() => false)) {
          await home.stopAll(world, AbortSignal.timeout(MACHINE_END_MS));
        }
        await Promise.all([
          health.close(),
          pulls.close(),
          liveness.close(),
          logs.close(),
          events.close(),
        ]);
        await home.close();
        podman.close();
      }
    },
  };
}
