/** Deciding a release: pure, from all that is known to all that is to be written. */
import type { ServicePlan, Warning } from "../../shared/api/release.ts";
import { replicasOf } from "../../shared/compose/model.ts";
import { canonicalJson, sha256 } from "../../shared/model/hash.ts";
import type { Sha256 } from "../../shared/model/hash.ts";
import { DeploymentId, ProjectId, RevisionId, ServiceId } from "../../shared/model/ids.ts";
import type { RevisionId as RevisionIdType } from "../../shared/model/ids.ts";
import { ServiceName } from "../../shared/model/service_spec.ts";
import type { ServiceSpec } from "../../shared/model/service_spec.ts";
import type { DeploymentRow } from "../store/deployments.ts";
import type { RolloutSlotRow } from "../store/rollouts.ts";
import type { PinRow, ServiceRow, StoredRoute } from "../store/services.ts";
import { createAllocator, gatewayOf } from "./addresses.ts";
import type { Decision, NewDeployment, NewRevision } from "./decision.ts";
import { differences, type Side } from "./differences.ts";
import { type Fault, Refused } from "./fault.ts";
import { imageVolumeWarnings, volumesOfImage } from "./image_volumes.ts";
import { decidePins } from "./images.ts";
import { replicaWarnings } from "./replica_writes.ts";
import { createVolumeBook, decideMounts, planVolumes, volumeWarnings } from "./mounts.ts";
import { decideNetworks, networkRows } from "./networks.ts";
import { blobsOf } from "./part_blobs.ts";
import { createPortBook } from "./ports.ts";
import { isAsWished, restartField } from "./restart.ts";
import { compareRoutes, routesOf } from "./routes.ts";
import { accessWarnings, capabilityWarnings } from "./capabilities.ts";
import { plannedTimes } from "./schedule.ts";
import { decideSecrets } from "./secrets.ts";
import { misnamed, movedSource } from "./source.ts";
import { followersOf, networkHosts, sharingFaults } from "./sharing.ts";
import type { DecideTools, Situation } from "./situation.ts";
import {
  decideOrder,
  decideRemoved,
  decideWanted,
  type SlotDecision,
  slotNow,
  wishedOrder,
} from "./slots.ts";
import { decideSpec, environmentOf, jobsOf, linksIn } from "./spec.ts";

/** A service as this release wants it. */
interface WantedService {
  readonly row: ServiceRow;
  readonly isNew: boolean;
  readonly spec: ServiceSpec;
  readonly revisionId: RevisionIdType;
  readonly revision: NewRevision | null;
  readonly specHash: Sha256;
  readonly kind: "service" | "job";
  readonly slots: number;
  readonly side: Side;
  readonly routes: StoredRoute[];
}

/** Throws {@link Refused} with all faults where it cannot be. */
export function decideRelease(situation: Situation, tools: DecideTools): Decision {
  const { part, now } = situation;
  const faults: Fault[] = [];
  const warnings: Warning[] = [];
  const project = situation.project ?? {
    id: ProjectId.parse(tools.newId("prj")),
    name: situation.projectName,
    createdAt: now,
  };
  const ownServices = situation.services.filter((each) => each.projectId === project.id);
  const serviceByName = new Map(ownServices.map((each) => [String(each.name), each]));
  const ownLive = Map.groupBy(
    situation.live.filter((each) => each.projectId === project.id),
    (each) => each.serviceId,
  );
  const links = linksIn(part?.model.services ?? {});
  const volumeBook = createVolumeBook(situation, project.id, tools, faults);
  const volumeNames = () =>
    new Map([...situation.volumes, ...volumeBook.added].map((row) => [row.id, row.name]));
  const volumeName = (id: string) => {
    for (const [each, name] of volumeNames()) if (each === id) return name;
    return id;
  };
  const content = new Map<Sha256, string>();
  const networks = part === null ? [] : decideNetworks(part.model, situation.networks);
  const secrets = part === null
    ? { secrets: new Map(), configs: new Map(), plan: [] }
    : decideSecrets(situation, part.model, project.id, faults);
  const pins = part === null
    ? { pins: new Map<string, PinRow>(), added: [] }
    : decidePins(situation, part, project.id, tools, faults, warnings);
  const portBook = createPortBook(situation, faults);
  faults.push(...misnamed(situation));
  warnings.push(...movedSource(situation));

  const currentOf = (service: ServiceRow | undefined): DeploymentRow | undefined => {
    if (service === undefined) return undefined;
    const own = (ownLive.get(service.id) ?? []).filter((each) => each.want !== "absent")
      .sort((a, b) => a.slot - b.slot);
    return own.find((each) => each.want === "run") ?? own[0];
  };
  const sideOf = (deployment: DeploymentRow | undefined): Side | null => {
    const revision = deployment && situation.revisions.get(deployment.revisionId);
    return revision === undefined ? null : {
      spec: revision.spec,
      pin: situation.pins.get(revision.pinId),
      environment: tools.environmentOf(revision),
    };
  };

  const jobs = part === null ? new Set<string>() : jobsOf(part.model);
  const hosts = part === null ? new Set<string>() : networkHosts(part.model);
  const gateway = gatewayOf(situation.node.containerSubnet);
  const readSpec = tools.specReaders.of(Object.keys(part?.model.services ?? {}).length);
  const wanted: WantedService[] = [];
  for (const name of part === null ? [] : Object.keys(part.model.services).sort()) {
    const service = part?.model.services[name];
    const pin = pins.pins.get(name);
    if (part === null || service === undefined) continue;
    const parsedName = ServiceName.safeParse(name);
    if (!parsedName.success) {
      faults.push({
        code: "name_invalid",
        detail: `"${name.slice(0, 80)}" cannot be the name of a service`,
        remedy: "Use at most 63 letters, digits, dots, hyphens and underscores.",
      });
      continue;
    }
    const known = serviceByName.get(name);
    const before = sideOf(currentOf(known));
    const slots = replicasOf(service);
    const job = jobs.has(name);
    const environment = environmentOf(service);
    const mounts = decideMounts(
      name,
      service,
      part,
      situation.settings.namePrefix,
      volumeBook,
      content,
      faults,
    );
    const ports = portBook.take(name, service, slots, before?.spec ?? null);
    if (pin === undefined) continue;
    const spec = decideSpec(
      {
        name,
        service,
        model: part.model,
        links,
        isJob: job,
        pin,
        mounts,
        ports,
        networks,
        secrets,
        environment,
        mac: tools.mac(environment),
        gateway,
        hasSharers: hosts.has(name),
      },
      readSpec,
      faults,
    );
    if (spec === null) continue;
    faults.push(...sharingFaults(part.model, name, spec));
    warnings.push(...capabilityWarnings(name, spec.capAdd));
    warnings.push(...accessWarnings(name, spec));
    warnings.push(...replicaWarnings(name, spec, slots, volumeName));
    warnings.push(...imageVolumeWarnings(name, spec, volumesOfImage(situation, pin)));
    const specText = canonicalJson(spec);
    const specHash = sha256(specText);
    const row = known ??
      {
        id: ServiceId.parse(tools.newId("svc")),
        projectId: project.id,
        name: parsedName.data,
        routes: [],
      };
    const earlier = known === undefined ? null : tools.revisionByHash(known.id, specHash);
    const revisionId = earlier?.id ?? RevisionId.parse(tools.newId("rev"));
    wanted.push({
      row,
      isNew: known === undefined,
      spec,
      revisionId,
      revision: earlier !== null ? null : {
        row: { id: revisionId, serviceId: row.id, specHash, pinId: pin.id, createdAt: now },
        specText,
        environment,
      },
      specHash,
      kind: job ? "job" : "service",
      slots,
      side: { spec, pin, environment },
      routes: routesOf(service),
    });
  }
  const wantedRoutes = new Map(wanted.map((each) => [String(each.row.name), each.routes]));
  const routes = compareRoutes(situation, wantedRoutes, faults);
  if (faults.length > 0) throw new Refused(422, faults);

  const allocator = createAllocator(situation.node, now, situation.settings.dnsTtlSeconds);
  const deployments: NewDeployment[] = [];
  const wants: { id: DeploymentRow["id"]; want: DeploymentRow["want"] }[] = [];
  const slots: Omit<RolloutSlotRow, "releaseId">[] = [];
  const plans: ServicePlan[] = [];

  const decideService = (row: ServiceRow, target: WantedService | null) => {
    const live = ownLive.get(row.id) ?? [];
    const oldSlots = new Set(
      live.filter((each) => each.want !== "absent").map((each) => each.slot),
    );
    const last = Math.max(target?.slots ?? 0, ...oldSlots, 0);
    let order: { order: "beside" | "stop_first"; reason: string | null } | null = null;
    const kinds = new Set<SlotDecision["kind"]>();
    for (let slot = 1; slot <= last; slot++) {
      const state = slotNow(live.filter((each) => each.slot === slot));
      const decided = target === null || slot > target.slots ? decideRemoved(state) : decideWanted(
        state,
        (each) => isAsWished(situation.restart, target, each),
        (each) => situation.observed.get(each.id),
      );
      if (decided === null) continue;
      kinds.add(decided.kind);
      for (const { deployment, want } of decided.wants) wants.push({ id: deployment.id, want });
      const base = {
        serviceId: row.id,
        slot,
        routesBefore: row.routes,
        reason: null,
      };
      switch (decided.kind) {
        case "removed":
          slots.push({
            ...base,
            deploymentId: decided.last.id,
            oldId: null,
            change: "removed",
            state: "rolling",
          });
          continue;
        case "unchanged": {
          // One that is on its way already, or never got well, is waited for by this release too.
          const observed = situation.observed.get(decided.current.id)?.stage;
          const settled = decided.old === null &&
            (observed === "running" || observed === "completed" || observed === "scheduled");
          slots.push({
            ...base,
            deploymentId: decided.current.id,
            oldId: decided.old?.id ?? null,
            change: decided.old === null ? "unchanged" : "replaced",
            state: settled ? "done" : "rolling",
          });
          continue;
        }
        case "created":
        case "replaced": {
          if (target === null) continue;
          const old = decided.kind === "replaced" ? decided.old : null;
          const oldSpec = old === null ? null : situation.revisions.get(old.revisionId)?.spec;
          const how = oldSpec === null || oldSpec === undefined
            ? { order: "beside" as const, reason: null }
            : decideOrder(oldSpec, target.spec, target.kind === "job", volumeName) ??
              wishedOrder(part?.model.services[row.name]?.deploy?.update_config?.order);
          if (old !== null) order = how;
          const id = DeploymentId.parse(tools.newId("dep"));
          const isOn = target.spec.networks.length > 0 && target.spec.shares?.network === undefined;
          const address = isOn ? allocator.next() : null;
          if (address === null && isOn) {
            faults.push({
              code: "addresses_exhausted",
              detail: `no address of ${situation.node.containerSubnet} is free for service ` +
                `"${row.name}"`,
              remedy: "Wait until old containers are gone and their names have run out, or take " +
                "a larger range.",
            });
            continue;
          }
          deployments.push({
            row: {
              id,
              projectId: project.id,
              serviceId: row.id,
              slot,
              revisionId: target.revisionId,
              nodeId: situation.node.id,
              kind: target.kind,
              want: "run",
              replaces: old?.id ?? null,
              order: how.order,
              orderReason: how.reason,
              containerName: `${situation.settings.namePrefix}-${project.name}.${row.name}.` +
                `${slot}-${id.slice(-6)}`,
              createdAt: now,
              goneAt: null,
            },
            addresses: address === null ? [] : [address],
          });
          slots.push({
            ...base,
            deploymentId: id,
            oldId: old?.id ?? null,
            change: decided.kind,
            state: "rolling",
          });
        }
      }
    }
    const before = sideOf(currentOf(row));
    const fields = target === null || before === null ? [] : [
      ...restartField(situation.restart, row.name),
      ...differences(before, target.side, volumeName),
    ];
    const slotCount = { old: oldSlots.size, new: target?.slots ?? 0 };
    if (target === null && slotCount.old === 0) return;
    const change = target === null
      ? "removed"
      : before === null
      ? "created"
      : fields.length > 0 || slotCount.old !== slotCount.new || kinds.has("created") ||
          [...kinds].some((kind) => kind === "replaced")
      ? "changed"
      : "unchanged";
    const pin = target?.side.pin ?? before?.pin;
    plans.push({
      service: row.name,
      change,
      kind: target?.kind ?? "service",
      fields,
      slots: slotCount,
      image: pin === undefined
        ? null
        : { reference: pin.reference, digest: pin.digest, id: pin.imageId },
      order: order?.order ?? null,
      orderReason: order?.reason ?? null,
      ...plannedTimes(target?.spec, situation),
    });
  };
  for (const target of wanted) decideService(target.row, target);
  const wantedIds = new Set(wanted.map((each) => each.row.id));
  const removed = ownServices.filter((row) => !wantedIds.has(row.id));
  for (const row of removed) decideService(row, null);
  if (faults.length > 0) throw new Refused(422, faults);
  const replaced = new Set(plans.filter((each) => each.order !== null).map((each) => each.service));
  const following = part === null
    ? []
    : followersOf(part.model, replaced).filter(({ name }) =>
      plans.some((each) => each.service === name && each.change === "unchanged")
    );
  warnings.push(...following.map((each) => each.warning));
  warnings.push(...(part === null ? [] : volumeWarnings(part.model)));
  const waitedFor = new Set(
    wanted.flatMap(({ row }) => following.some(({ name }) => name === row.name) ? [row.id] : []),
  );
  plans.sort((a, b) => a.service < b.service ? -1 : 1);

  const rollingSlots = slots.map((slot) =>
    waitedFor.has(slot.serviceId) ? { ...slot, state: "rolling" as const } : slot
  );
  const volumes = planVolumes(situation, project.id, volumeBook);
  const changes = plans.some((each) => each.change !== "unchanged") ||
    routes.some((each) => each.change !== "unchanged") ||
    volumes.some((each) => each.change === "created" || each.change === "removed");
  const usedPins = new Set(wanted.flatMap((each) => each.revision?.row.pinId ?? []));
  return {
    project: { id: project.id, name: project.name, createdAt: project.createdAt },
    isNewProject: situation.project === null,
    services: wanted.filter((each) => each.isNew).map((each) => each.row),
    routes: [
      ...wanted.map((each) => ({ service: each.row.id, routes: each.routes })),
      ...removed.map((row) => ({ service: row.id, routes: [] })),
    ],
    networks: networkRows(networks, project.id),
    pins: pins.added.filter((pin) => usedPins.has(pin.id)),
    volumes: volumeBook.added,
    specs: wanted.map(({ row, revisionId, spec }) => ({ service: row.name, revisionId, spec })),
    revisions: wanted.flatMap((each) => each.revision === null ? [] : [each.revision]),
    wants,
    deployments,
    slots: rollingSlots,
    content,
    neededBlobs: part === null ? [] : blobsOf(part),
    state: rollingSlots.some((each) => each.state === "rolling") ? "rolling" : "done",
    plan: {
      project: project.name,
      parent: situation.newest?.id ?? null,
      changes,
      services: plans,
      volumes,
      routes,
      secrets: secrets.plan,
      warnings,
    },
    warnings,
  };
}
