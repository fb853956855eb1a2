import type { ContainersSection } from "../../../shared/model/sections.ts";
import { by, type NodeIntent, type ProjectIntent } from "../intent.ts";

/** What is to run, to retire and to go. */
export function compileContainers(intent: NodeIntent, of: ProjectIntent): ContainersSection {
  return {
    capability: "containers",
    project: of.project.id,
    projectName: of.project.name,
    deployments: of.deployments.map(({ row, service, revision, pin, addresses }) => ({
      id: row.id,
      service: service.id,
      serviceName: service.name,
      slot: row.slot,
      revision: revision.id,
      specHash: revision.specHash,
      kind: row.kind,
      want: row.want,
      replaces: row.replaces,
      order: row.order,
      orderReason: row.orderReason,
      addresses: [...addresses],
      containerName: row.containerName,
      image: { reference: pin.reference, digest: pin.digest, id: pin.imageId },
      sealedEnvironment: intent.sealedEnvironments.get(revision.id) ?? null,
      spec: revision.spec,
    })).sort(by((each) => each.id)),
  };
}
