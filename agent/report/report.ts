/** The node's report, made from one turn of the loop. Pure. */
import type { JobReport } from "../../shared/model/job.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import type { DeploymentReport, Report, RouteReport } from "../../shared/model/report.ts";
import type { DiskReport } from "../../shared/model/disk.ts";
import type { Instant, ReportedVerdict } from "../../shared/model/verdict.ts";
import type { NodeId } from "../../shared/model/ids.ts";
import { resolved } from "../sessions/link.ts";
import { imageKey } from "../reconcile/image_key.ts";
import { memoryOf } from "../reconcile/intent.ts";
import type { World } from "../reconcile/world.ts";
import { type NamedRoute, wantedRoutes } from "../facets/routes/wanted.ts";
import { healthOf, stageOf } from "./stage.ts";

export interface ReportFrame {
  readonly node: NodeId;
  readonly bootId: string;
  readonly sequence: number;
  readonly at: Instant;
  readonly agent: Report["agent"];
}

export interface TurnFacts {
  /** null: nothing could be seen yet. */
  readonly world: World | null;
  readonly state: "idle" | "processing";
  /** On the clock of the loop, which does not jump. */
  readonly now: Instant;
  readonly verdicts: readonly ReportedVerdict[];
  readonly routes: readonly RouteReport[];
  readonly disk: DiskReport | null;
  readonly jobs: readonly JobReport[];
  readonly timeZone: string;
}

export function makeReport(frame: ReportFrame, facts: TurnFacts): Report {
  const { world } = facts;
  return {
    ...frame,
    epoch: world?.desired.epoch ?? null,
    revision: world?.desired.revision ?? null,
    state: facts.state,
    verdicts: facts.verdicts.filter((verdict) => verdict.kind !== "converged"),
    deployments: world === null ? [] : deploymentReports(world, facts.verdicts, facts.now),
    routes: [...facts.routes],
    volumes: world === null ? [] : volumeReports(world),
    images: world === null ? [] : imageReports(world),
    addresses: world === null ? [] : addressesInUse(world),
    disk: facts.disk,
    jobs: [...facts.jobs],
    timeZone: facts.timeZone,
    ingress: world === null ? null : {
      httpPort: world.seen.routes.httpPort,
      httpsPort: world.seen.routes.httpsPort,
      live: world.seen.routes.alive,
    },
  };
}

function deploymentReports(
  world: World,
  verdicts: readonly ReportedVerdict[],
  now: Instant,
): DeploymentReport[] {
  const bySubject = new Map<string, ReportedVerdict>();
  for (const verdict of verdicts) {
    const earlier = bySubject.get(verdict.subject);
    if (verdict.kind === "converged") continue;
    // What blocks tells more than what waits for it.
    if (earlier === undefined || verdict.kind === "blocked") {
      bySubject.set(verdict.subject, verdict);
    }
  }
  const routes = wantedRoutes(world).all;
  return world.desired.containers.flatMap(({ deployments }) =>
    deployments.map((deployment) =>
      deploymentReport(world, deployment, routes, bySubject.get(deployment.id), now)
    )
  );
}

function deploymentReport(
  world: World,
  deployment: Deployment,
  routes: readonly NamedRoute[],
  verdict: ReportedVerdict | undefined,
  now: Instant,
): DeploymentReport {
  const seen = world.seen.containers.byDeployment.get(deployment.id);
  const { stage, reason } = stageOf(world, deployment, routes, now);
  const kernel = world.seen.containers.kernel?.get(deployment.id);
  const pull = world.pulls.get(deployment.spec.image.pin);
  const known = verdict === undefined ? reason : verdict.reason;
  return {
    id: deployment.id,
    stage,
    reason: stage === "failed" ? reason : known,
    health: healthOf(world, deployment),
    container: seen === undefined ? null : {
      id: seen.id,
      state: seen.state,
      exitCode: seen.exitCode,
      startedAt: seen.startedAt,
      finishedAt: seen.finishedAt,
    },
    restarts: memoryOf(world, deployment.id).restarts,
    pull: pull?.kind === "pulling" ? pull.progress : null,
    named: world.named.has(deployment.id),
    ...(kernel === undefined ? {} : { kernel }),
  };
}

function volumeReports(world: World): Report["volumes"] {
  return world.desired.volumes.flatMap(({ volumes }) =>
    volumes.map(({ id, engineName }) => ({
      id,
      engineName,
      present: world.seen.volumes.present.has(engineName),
    }))
  );
}

/** What each pin turned out to be on this node, sorted by pin. */
function imageReports(world: World): Report["images"] {
  const found = new Map<string, Report["images"][number]>();
  for (const { deployments } of world.desired.containers) {
    for (const { image, spec } of deployments) {
      const seen = world.seen.containers.images.get(imageKey(image));
      if (seen === undefined) continue;
      const digest = image.digest ?? resolved(seen, image.reference).digest;
      found.set(spec.image.pin, {
        pin: spec.image.pin,
        reference: image.reference,
        digest,
        id: seen.id,
      });
    }
  }
  return [...found.values()].sort((a, b) => (a.pin < b.pin ? -1 : 1));
}

/** Addresses that containers hold, or will hold once started. */
function addressesInUse(world: World): string[] {
  const held = new Set<string>();
  for (const { deployments } of world.desired.containers) {
    for (const { id, addresses } of deployments) {
      if (world.seen.containers.byDeployment.has(id)) addresses.forEach((each) => held.add(each));
    }
  }
  const all = [...world.seen.containers.byDeployment.values(), ...world.seen.containers.strays];
  for (const { address } of all) if (address !== null) held.add(address);
  return [...held].sort();
}
