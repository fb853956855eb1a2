/** Intent for tests: small, valid and said in few words. */
import {
  DeploymentId,
  EpochId,
  type IdKind,
  makeId,
  NodeId,
  PinId,
  ProjectId,
  RevisionId,
  ServiceId,
} from "../../shared/model/ids.ts";
import { sha256 } from "../../shared/model/hash.ts";
import type { Deployment } from "../../shared/model/sections.ts";
import { ProjectName, ServiceName, type ServiceSpec } from "../../shared/model/service_spec.ts";
import type { Desired } from "../reconcile/world.ts";

/** An id made from a name, the same each time. */
export function idText(kind: IdKind, name: string): string {
  const bytes = new Uint8Array(32);
  const digest = sha256(`${kind}:${name}`);
  for (let i = 0; i < 32; i++) bytes[i] = parseInt(digest.slice(2 * i, 2 * i + 2), 16);
  return makeId(kind, bytes);
}
export const deploymentId = (name: string): DeploymentId => DeploymentId.parse(idText("dep", name));
export const projectId = (name: string): ProjectId => ProjectId.parse(idText("prj", name));
export const serviceId = (name: string): ServiceId => ServiceId.parse(idText("svc", name));
export const testNode: NodeId = NodeId.parse(idText("nod", "test"));

export function testSpec(over: Partial<ServiceSpec> = {}): ServiceSpec {
  return {
    schema: 1,
    image: { reference: "test/image:1", pin: PinId.parse(idText("pin", "test")) },
    environment: { names: [], mac: "" },
    labels: {},
    mounts: [],
    secrets: [],
    envSecrets: [],
    ports: [],
    routed: [],
    expose: [],
    networks: [{ network: "p/default", aliases: [] }],
    extraHosts: [],
    resources: {},
    ulimits: [],
    capAdd: [],
    capDrop: [],
    readOnly: false,
    init: false,
    stopGraceMs: 1_000,
    restart: { kind: "always" },
    health: { kind: "none", probePort: null },
    deadlineMs: 60_000,
    drainMs: 10_000,
    dependsOn: [],
    ...over,
  };
}

export const TEST_IMAGE_ID = "a".repeat(64);

/** `name` tells deployments apart; the service's name is what stands before a `/`. */
export function testDeployment(name: string, over: Partial<Deployment> = {}): Deployment {
  const service = name.split("/")[0] ?? name;
  const spec = over.spec ?? testSpec();
  return {
    id: deploymentId(name),
    service: serviceId(service),
    serviceName: ServiceName.parse(service),
    slot: 1,
    revision: RevisionId.parse(idText("rev", name)),
    specHash: sha256(name),
    kind: "service",
    want: "run",
    replaces: null,
    order: "beside",
    orderReason: null,
    addresses: [],
    containerName: `test-${name.replaceAll("/", "-")}`,
    image: { reference: spec.image.reference, digest: null, id: TEST_IMAGE_ID },
    sealedEnvironment: null,
    spec,
    ...over,
  };
}

/** One project `p` with these deployments. */
export function testDesired(
  deployments: readonly Deployment[],
  over: Partial<Desired> = {},
): Desired {
  const project = projectId("p");
  const projectName = ProjectName.parse("p");
  return {
    epoch: { n: 1, id: EpochId.parse(idText("ep", "test")) },
    revision: 1,
    node: {
      capability: "node",
      node: testNode,
      name: "test",
      containerSubnet: "10.200.7.0/24",
      gateway: "10.200.7.1",
      containerRange: "10.200.0.0/16",
      meshRange: "10.100.0.0/16",
      zone: "internal",
      dnsTtlSeconds: 5,
    },
    containers: [{
      capability: "containers",
      project,
      projectName,
      deployments: [...deployments].sort((a, b) => (a.id < b.id ? -1 : 1)),
    }],
    volumes: [],
    secrets: [],
    names: [],
    routes: [],
    firewall: [],
    images: [],
    registries: [],
    ...over,
  };
}
