/** Reads all that deciding a release looks at. */
import { SkerryError } from "../../shared/errors.ts";
import type { DeploymentId, PinId, RevisionId } from "../../shared/model/ids.ts";
import { SecretVersionId } from "../../shared/model/ids.ts";
import type { DeploymentReport } from "../../shared/model/report.ts";
import type { ProjectName } from "../../shared/model/service_spec.ts";
import { decryptAtRest, equalSecrets } from "../../shared/sealing/seal.ts";
import { decodeBase64 } from "../../shared/signing/base64.ts";
import { type Context, newId } from "../context.ts";
import { keyedHasher } from "../keys.ts";
import { zoneOf } from "../status/zone.ts";
import type { PinRow, RevisionRow } from "../store/services.ts";
import type { AskedRelease } from "./restart.ts";
import type { DecideTools, KnownSecret, Situation } from "./situation.ts";
import { environmentRecord } from "./environment.ts";

/** A secret's value that is to be stored as a new version. */
export interface NewSecret {
  readonly id: SecretVersionId;
  readonly name: string;
  readonly number: number;
  readonly value: Uint8Array;
}

export interface Gathered {
  readonly situation: Situation;
  readonly newSecrets: readonly NewSecret[];
}

/** `resolved`: what was asked of nodes so far. */
export function gather(
  context: Context,
  projectName: ProjectName,
  request: AskedRelease,
  { resolved, imageVolumes }: Pick<Situation, "resolved" | "imageVolumes">,
): Gathered {
  const { store, settings, clock } = context;
  const project = store.projects.byName(projectName);
  // One node for now; placement chooses among several later.
  const node = store.nodes.list()[0];
  if (node === undefined) {
    throw new SkerryError(
      "no_node",
      "no node has joined this control plane yet",
      "Wait a moment where `skerry up` has just started; `skerry get nodes` shows when it has.",
    );
  }
  const live = store.deployments.live();
  const revisions = new Map<RevisionId, RevisionRow>();
  const pins = new Map<PinId, PinRow>();
  const observed = new Map<DeploymentId, DeploymentReport>();
  for (const deployment of live) {
    const revision = store.services.revision(deployment.revisionId);
    if (revision === null) continue;
    revisions.set(revision.id, revision);
    const pin = store.services.pin(revision.pinId);
    if (pin !== null) pins.set(pin.id, pin);
    const seen = store.observed.deployment(deployment.id);
    if (seen !== null) observed.set(deployment.id, seen);
  }
  const stored = store.secrets.newest();
  const newSecrets: NewSecret[] = [];
  const secrets: KnownSecret[] = [];
  const values = Object.entries(request.secretValues ?? {});
  for (const row of stored) {
    if (row.projectId === project?.id && values.some(([name]) => name === row.name)) continue;
    const { id, projectId, name } = row;
    secrets.push({ id, projectId, name, isNew: false, isChanged: false });
  }
  for (const [name, text] of values) {
    const value = decodeBase64(text);
    const before = project === null
      ? undefined
      : stored.find((row) => row.projectId === project.id && row.name === name);
    const same = before !== undefined &&
      equalSecrets(decryptAtRest(context.keys.master, before.value), value);
    const id = same ? before.id : SecretVersionId.parse(newId(context, "sec"));
    // A new project has no id yet: deciding gives it one, and finds its secrets by `null` below.
    secrets.push({
      id,
      projectId: project?.id ?? null,
      name,
      isNew: !same && before === undefined,
      isChanged: !same && before !== undefined,
    });
    if (!same) newSecrets.push({ id, name, number: (before?.number ?? 0) + 1, value });
  }
  return {
    newSecrets,
    situation: {
      now: clock.now(),
      settings,
      node: {
        id: node.id,
        containerSubnet: node.containerSubnet,
        timeZone: zoneOf(context, node.id),
        reported: store.observed.node(node.id)?.report.addresses ?? [],
        addresses: store.deployments.addresses(node.id),
      },
      projectName,
      project,
      projects: store.projects.list(),
      newest: project === null ? null : store.projects.newestRelease(project.id),
      services: store.services.list(),
      live,
      revisions,
      observed,
      volumes: store.volumes.list(),
      networks: store.services.networks().filter((each) => each.projectId !== project?.id),
      secrets,
      carriedSecrets: new Set(values.map(([name]) => name)),
      pins,
      part: request.parts.compose ?? null,
      purge: request.purge !== undefined,
      pull: request.pull ?? false,
      restart: new Set(request.restart),
      resolved,
      imageVolumes,
    },
  };
}

/** What deciding needs beside data. */
export function decideTools(context: Context): DecideTools {
  return {
    newId: (kind) => newId(context, kind),
    specReaders: context.specReaders,
    mac: keyedHasher(context.keys, "environment"),
    environmentOf: (revision) => environmentRecord(context.keys, revision.environment),
    revisionByHash: (service, specHash) => context.store.services.revisionByHash(service, specHash),
  };
}
