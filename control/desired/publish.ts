/**
 * Tells a node its intent: compiles, and where the content differs, signs a new revision. To be
 * called inside the transaction that changed something; ring the node's bell after it.
 */
import type { NodeId, RevisionId, SecretVersionId } from "../../shared/model/ids.ts";
import { Manifest, MANIFEST_SCHEMA } from "../../shared/model/manifest.ts";
import { canonicalJson } from "../../shared/model/hash.ts";
import { createSealer, decryptAtRest, type Sealer } from "../../shared/sealing/seal.ts";
import { decodeBase64, encodeBase64 } from "../../shared/signing/base64.ts";
import { signManifest } from "../../shared/signing/ed25519.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Context } from "../context.ts";
import { gatewayOf } from "../decide/addresses.ts";
import { releasePins } from "../status/needed_pins.ts";
import type { NodeRow } from "../store/nodes.ts";
import { compileNode } from "./compile.ts";
import type { DeployedIntent, NodeIntent, ProjectIntent } from "./intent.ts";
import { usedSecrets } from "./secrets/compile.ts";

/** Sections of so many revisions back are still given out to a node that is fetching them. */
const KEEP_REVISIONS = 20;

/** The manifest that a node was told last; null: none yet. It is our own: nothing is verified. */
export function currentManifest(node: NodeRow): Manifest | null {
  if (node.manifest === null) return null;
  const payload = new TextDecoder().decode(decodeBase64(node.manifest.payload));
  return Manifest.parse(JSON.parse(payload));
}

function projectIntents(context: Context, node: NodeId): ProjectIntent[] {
  const { store } = context;
  const live = store.deployments.live().filter((each) => each.nodeId === node);
  const services = new Map(store.services.list().map((each) => [each.id, each]));
  const volumes = store.volumes.list().filter((each) => each.nodeId === node);
  const networks = store.services.networks();
  return store.projects.list().map((project) => ({
    project,
    deployments: live.filter((each) => each.projectId === project.id).flatMap(
      (row): DeployedIntent[] => {
        const service = services.get(row.serviceId);
        const revision = store.services.revision(row.revisionId);
        const pin = revision === null ? null : store.services.pin(revision.pinId);
        if (service === undefined || revision === null || pin === null) return [];
        return [{
          row,
          service,
          revision,
          pin,
          addresses: store.deployments.addressesOf(row.id),
        }];
      },
    ),
    volumes: volumes.filter((each) => each.projectId === project.id),
    networks: networks.filter((each) => each.projectId === project.id),
    keptPins: releasePins(context, project.id),
  }));
}

function sealOnce(
  context: Context,
  node: NodeId,
  seal: Sealer,
  subject: RevisionId | SecretVersionId,
  value: () => Uint8Array | null,
): string | null {
  const known = context.store.secrets.sealed(node, subject);
  if (known !== null) return known;
  const clear = value();
  if (clear === null) return null;
  const sealed = encodeBase64(seal(clear));
  context.store.secrets.addSealed(node, subject, sealed);
  return sealed;
}

/** What is known of registries, with each login sealed to the node once. */
function sealedRegistries(
  context: Context,
  node: NodeId,
  seal: Sealer,
): NodeIntent["registries"] {
  return context.store.registries.list().map(({ host, plainHttp, mirrors, login }) => {
    const sealed = login === null ? null : sealOnce(
      context,
      node,
      seal,
      login.id,
      () => decryptAtRest(context.keys.master, login.value),
    );
    return {
      host,
      plainHttp,
      mirrors: [...mirrors],
      login: login === null || sealed === null ? null : { id: login.id, sealed },
    };
  });
}

function sealAll(
  context: Context,
  node: NodeId,
  projects: readonly ProjectIntent[],
): Pick<NodeIntent, "sealedEnvironments" | "sealedSecrets" | "registries"> {
  const { store, keys } = context;
  const key = store.nodes.keys(node).find((each) => each.use === "seal");
  if (key === undefined) throw new SkerryError("no_seal_key", `node ${node} has no seal key`);
  const seal = createSealer(decodeBase64(key.publicKey), context.random);
  const sealedEnvironments = new Map<RevisionId, string>();
  const sealedSecrets = new Map<SecretVersionId, string>();
  for (const project of projects) {
    for (const { revision } of project.deployments) {
      const { environment } = revision;
      if (environment === null || sealedEnvironments.has(revision.id)) continue;
      const sealed = sealOnce(
        context,
        node,
        seal,
        revision.id,
        () => decryptAtRest(keys.master, environment),
      );
      if (sealed !== null) sealedEnvironments.set(revision.id, sealed);
    }
    for (const version of usedSecrets(project).keys()) {
      const sealed = sealOnce(context, node, seal, version, () => {
        const secret = store.secrets.get(version);
        return secret === null ? null : decryptAtRest(keys.master, secret.value);
      });
      if (sealed !== null) sealedSecrets.set(version, sealed);
    }
  }
  return {
    sealedEnvironments,
    sealedSecrets,
    registries: sealedRegistries(context, node, seal),
  };
}

/** True: the node has a new revision. */
export function publishNode(context: Context, node: NodeRow): boolean {
  const { store, settings, keys, epoch } = context;
  const projects = projectIntents(context, node.id);
  const compiled = compileNode({
    node: {
      node: node.id,
      name: node.name,
      containerSubnet: node.containerSubnet,
      gateway: gatewayOf(node.containerSubnet),
      containerRange: settings.containerRange,
      meshRange: settings.meshRange,
      zone: settings.zone,
      dnsTtlSeconds: settings.dnsTtlSeconds,
    },
    projects,
    ...sealAll(context, node.id, projects),
  });
  const content = {
    schema: MANIFEST_SCHEMA,
    node: node.id,
    epoch,
    keyId: keys.signing.id,
    sections: compiled.sections.map((each) => each.ref),
    files: compiled.files.map((sha256) => ({
      sha256,
      sizeBytes: context.blobs.sizeOf(sha256) ?? 0,
    })),
  } as const;
  const before = currentManifest(node);
  if (before !== null) {
    const { revision: _revision, ...rest } = before;
    if (canonicalJson(rest) === canonicalJson(content)) return false;
  }
  const revision = node.revision + 1;
  for (const section of compiled.sections) {
    store.nodes.putSection(node.id, section.ref.sha256, section.content, revision);
  }
  store.nodes.pruneSections(node.id, revision - KEEP_REVISIONS);
  store.nodes.setManifest(
    node.id,
    revision,
    signManifest(keys.signing, {
      ...content,
      sections: [...content.sections],
      files: [...content.files],
      revision,
    }),
  );
  return true;
}

/** Publishes for all nodes; those with a new revision. */
export function publishAll(context: Context): NodeId[] {
  return context.store.nodes.list().filter((node) => publishNode(context, node))
    .map((node) => node.id);
}
