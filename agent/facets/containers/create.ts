/** What Podman is asked to make for a deployment. Pure. */
import type { ContainersSection, Deployment, NodeSection } from "../../../shared/model/sections.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { SharedKind } from "../../../shared/model/service_spec.ts";
import type { ContainerCreate, MountCreate } from "../../drivers/podman/driver.ts";
import { type Share, SHARE_LABELS, sharesOf } from "../../reconcile/sharing.ts";

/** Where the parts of a container that are not in its spec lie on this host. */
export interface Sources {
  readonly podmanNetwork: string;
  /** Podman's name of a volume, by volume id. */
  volumeName(volume: string): string | undefined;
  /** Path of the file or folder that was laid out for mount number `index` of the spec. */
  fileSource(index: number): string;
  /** Path of secret number `index` of the spec, in tmpfs. */
  secretSource(index: number): string;
  /** The container, by id, whose namespace it is to join. */
  host(share: Share): string;
}

export const LABELS = {
  deployment: "skerry.deployment.id",
  service: "skerry.service.id",
  serviceName: "skerry.service.name",
  project: "skerry.project.name",
  specHash: "skerry.spec.hash",
} as const;

export function containerCreate(
  node: NodeSection,
  section: ContainersSection,
  deployment: Deployment,
  imageId: string,
  env: Readonly<Record<string, string>>,
  sources: Sources,
): ContainerCreate {
  const { spec } = deployment;
  const shared = sharesOf(deployment).map((share) => [share.kind, sources.host(share)] as const);
  const shares: Partial<Record<SharedKind, string>> = Object.fromEntries(shared);
  const address = shares.network === undefined ? deployment.addresses[0] : undefined;
  return {
    name: deployment.containerName,
    imageId,
    labels: {
      ...spec.labels,
      [LABELS.deployment]: deployment.id,
      [LABELS.service]: deployment.service,
      [LABELS.serviceName]: deployment.serviceName,
      [LABELS.project]: section.projectName,
      [LABELS.specHash]: deployment.specHash,
      ...Object.fromEntries(shared.map(([kind, host]) => [SHARE_LABELS[kind], host])),
    },
    ...(shared.length === 0 ? {} : { shares }),
    env,
    network: address === undefined ? null : {
      name: sources.podmanNetwork,
      address,
      dnsServer: node.gateway,
      dnsSearch: [`${section.projectName}.${node.zone}`, ...(spec.resolver?.search ?? [])],
    },
    mounts: [
      ...spec.mounts.map((_, index) => mountCreate(deployment, index, sources)),
      ...spec.secrets.map((secret, index): MountCreate => ({
        kind: "bind",
        source: sources.secretSource(index),
        target: secret.target,
        readOnly: true,
      })),
    ],
    spec,
  };
}

function mountCreate(deployment: Deployment, index: number, sources: Sources): MountCreate {
  const mount = deployment.spec.mounts[index];
  if (mount === undefined) throw new RangeError(`no mount ${index}`);
  switch (mount.kind) {
    case "volume": {
      const name = sources.volumeName(mount.volume);
      if (name === undefined) {
        throw new SkerryError(
          "volume_unknown",
          `the service "${deployment.serviceName}" mounts volume "${mount.volume}", which this ` +
            "node was not told of",
          "apply the project again",
        );
      }
      return {
        kind: "volume",
        source: name,
        target: mount.target,
        readOnly: mount.readOnly,
        ...(mount.noCopy === undefined ? {} : { noCopy: mount.noCopy }),
        ...(mount.noExec === undefined ? {} : { noExec: mount.noExec }),
      };
    }
    case "bind":
      return {
        kind: "bind",
        source: mount.source,
        target: mount.target,
        readOnly: mount.readOnly,
        ...(mount.propagation === undefined ? {} : { propagation: mount.propagation }),
      };
    case "tmpfs":
      return {
        kind: "tmpfs",
        source: "tmpfs",
        target: mount.target,
        readOnly: false,
        ...(mount.sizeBytes === undefined ? {} : { sizeBytes: mount.sizeBytes }),
        ...(mount.mode === undefined ? {} : { mode: mount.mode }),
        ...(mount.options === undefined ? {} : { options: mount.options }),
      };
    case "file":
    case "folder":
      return {
        kind: "bind",
        source: sources.fileSource(index),
        target: mount.target,
        readOnly: true,
      };
  }
}
