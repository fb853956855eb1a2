/**
 * What a node is told: the blobs that a manifest lists. The control plane compiles them
 * (control/desired/CAPABILITY), the agent's facets read them. Every list is sorted by id or name,
 * so that equal intent is equal bytes.
 */
import { z } from "zod";
import {
  DeploymentId,
  NodeId,
  ProjectId,
  RevisionId,
  SecretVersionId,
  ServiceId,
  VolumeId,
} from "./ids.ts";
import { ImagePin } from "./image_pin.ts";
import { Port, ProjectName, PublishedPort, ServiceName, ServiceSpec } from "./service_spec.ts";
import { Sha256 } from "./hash.ts";
import { MAX_MIRRORS, MirrorLocation, RegistryHost } from "./registry.ts";

/** `node`: what concerns the whole box. */
export const NodeSection = z.strictObject({
  capability: z.literal("node"),
  node: NodeId,
  name: z.string(),
  /** The containers' subnet on this node, such as 10.200.7.0/24; the gateway is its first address. */
  containerSubnet: z.cidrv4(),
  gateway: z.ipv4(),
  /** The fleet's whole range of containers; what goes there is not masqueraded. */
  containerRange: z.cidrv4(),
  meshRange: z.cidrv4(),
  /** The zone of internal names, such as `internal`. */
  zone: z.string(),
  dnsTtlSeconds: z.int().positive(),
});
export type NodeSection = z.infer<typeof NodeSection>;

/**
 * `want`: `run` it; `retire` it: it runs until its replacement is healthy; `absent`: it goes now.
 * `order`: `beside`: starts while the one that it replaces still serves; `stop_first`: the old one
 * stops first, and `orderReason` says why.
 */
export const Deployment = z.strictObject({
  id: DeploymentId,
  service: ServiceId,
  serviceName: ServiceName,
  slot: z.int().positive(),
  revision: RevisionId,
  specHash: Sha256,
  kind: z.enum(["service", "job"]),
  /** A run that a person asked for: no name and no route leads to it. */
  unnamed: z.literal(true).exactOptional(),
  want: z.enum(["run", "retire", "absent"]),
  replaces: DeploymentId.nullable(),
  order: z.enum(["beside", "stop_first"]),
  orderReason: z.string().nullable(),
  /** Its addresses for life; empty: no network. */
  addresses: z.array(z.ipv4()),
  containerName: z.string(),
  /** What the spec's pin says: `id` is the image's id on this platform where it is known. */
  image: ImagePin,
  /** Environment values, a JSON record sealed to the node's key (nacl box, base64); null: no variables. */
  sealedEnvironment: z.base64().nullable(),
  spec: ServiceSpec,
});
export type Deployment = z.infer<typeof Deployment>;

/** `containers/PROJECT` */
export const ContainersSection = z.strictObject({
  capability: z.literal("containers"),
  project: ProjectId,
  projectName: ProjectName,
  deployments: z.array(Deployment),
});
export type ContainersSection = z.infer<typeof ContainersSection>;

/** `volumes/PROJECT`: made where missing, never removed by being absent here. */
/** A file system that the engine mounts while a container has it. */
export const MountOptions = z.strictObject({
  type: z.string(),
  device: z.string(),
  o: z.string(),
});
export type MountOptions = z.infer<typeof MountOptions>;

export const VolumesSection = z.strictObject({
  capability: z.literal("volumes"),
  project: ProjectId,
  projectName: ProjectName,
  volumes: z.array(z.strictObject({
    id: VolumeId,
    name: z.string(),
    generation: z.int().positive(),
    /** The volume's name in Podman. */
    engineName: z.string(),
    labels: z.record(z.string(), z.string()),
    /** What is mounted in its place, in mount(8)'s words; absent: a folder of the engine's own. */
    options: MountOptions.exactOptional(),
  })),
});
export type VolumesSection = z.infer<typeof VolumesSection>;

/** `secrets/PROJECT`: ciphertext for this node alone, sealed once for each version. */
export const SecretsSection = z.strictObject({
  capability: z.literal("secrets"),
  project: ProjectId,
  secrets: z.array(z.strictObject({
    version: SecretVersionId,
    name: z.string(),
    /** nacl box to the node's seal key: ephemeral public key ‖ nonce ‖ box, base64. */
    sealed: z.base64(),
  })),
});
export type SecretsSection = z.infer<typeof SecretsSection>;

/** `names/PROJECT`: which names a service answers to and on which networks. Which of its deployments answer is decided on the node, by health. */
export const NamesSection = z.strictObject({
  capability: z.literal("names"),
  project: ProjectId,
  projectName: ProjectName,
  services: z.array(z.strictObject({
    service: ServiceId,
    name: ServiceName,
    /** Networks by key with the aliases that hold on that network only. */
    networks: z.array(z.strictObject({ network: z.string(), aliases: z.array(z.string()) })),
    /** The SRV-able ports. */
    ports: z.array(z.strictObject({
      port: Port,
      protocol: z.enum(["tcp", "udp"]),
      name: z.string().exactOptional(),
    })),
  })),
});
export type NamesSection = z.infer<typeof NamesSection>;

export const Route = z.strictObject({
  /** Stable within the project: `service-name/index`. */
  id: z.string(),
  service: ServiceId,
  serviceName: ServiceName,
  /** Host name; null: any host. */
  host: z.string().nullable(),
  /** Path prefix, `/` for all. */
  path: z.string().startsWith("/"),
  /** Port of the container. */
  port: Port,
  /** `both`: http and https serve; `redirect`: http answers with a redirect to https; `off`: http only. */
  tls: z.enum(["both", "redirect", "off"]),
  /** CIDRs that may use it; empty: everyone. */
  allow: z.array(z.string()),
});
export type Route = z.infer<typeof Route>;

/** `routes/PROJECT` */
export const RoutesSection = z.strictObject({
  capability: z.literal("routes"),
  project: ProjectId,
  projectName: ProjectName,
  routes: z.array(Route),
});
export type RoutesSection = z.infer<typeof RoutesSection>;

/** `firewall/PROJECT`: networks and who is on them; published ports. */
export const FirewallSection = z.strictObject({
  capability: z.literal("firewall"),
  project: ProjectId,
  projectName: ProjectName,
  networks: z.array(z.strictObject({ network: z.string(), internal: z.boolean() })),
  members: z.array(z.strictObject({
    deployment: DeploymentId,
    address: z.ipv4(),
    networks: z.array(z.string()),
  })),
  published: z.array(z.strictObject({
    deployment: DeploymentId,
    address: z.ipv4(),
    port: PublishedPort,
  })),
});
export type FirewallSection = z.infer<typeof FirewallSection>;

/**
 * `images/PROJECT`: what the project's current, previous and last-good releases run from. The node
 * collects none of these, wanted now or not; it is the only one of the sections that an agent may
 * leave out of account.
 */
export const ImagesSection = z.strictObject({
  capability: z.literal("images"),
  project: ProjectId,
  kept: z.array(ImagePin),
});
export type ImagesSection = z.infer<typeof ImagesSection>;
/** `registries`, of the whole box; absent where nothing was said of any. */
export const RegistriesSection = z.strictObject({
  capability: z.literal("registries"),
  registries: z.array(z.strictObject({
    host: RegistryHost,
    plainHttp: z.boolean(),
    /** Asked in this order, before the registry itself. */
    mirrors: z.array(MirrorLocation).max(MAX_MIRRORS),
    login: z.strictObject({
      id: SecretVersionId,
      /** A RegistryLogin as JSON in a nacl box to the node's seal key, base64. */
      sealed: z.base64(),
    }).nullable(),
  })),
});
export type RegistriesSection = z.infer<typeof RegistriesSection>;

export const Section = z.discriminatedUnion("capability", [
  NodeSection,
  ContainersSection,
  VolumesSection,
  SecretsSection,
  NamesSection,
  RoutesSection,
  FirewallSection,
  ImagesSection,
  RegistriesSection,
]);
export type Section = z.infer<typeof Section>;
export type Capability = Section["capability"];
