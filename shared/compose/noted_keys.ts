/**
 * Keys that are accepted and change nothing: they cannot change what a user gets here. Each is a
 * clause that follows `"key" changes nothing here: `. What stands below such a key is not read.
 */
const NOTHING_ATTACHED = "nothing is attached at start; `skerry logs -f` shows logs";
const BUILD_CACHE = "the node's own build cache is used";
const ATTESTATIONS = "no attestations are made";
const CDI_SAYS = "the driver's CDI file says what a device brings";
const ONE_NODE = "a service runs where the project was applied";
const ONE_BRIDGE = "all networks share one bridge";
const ONE_SUBNET = "containers have one subnet a node, set with --container-cidr of `skerry up`";
const SWARM_LABELS = "they are for Swarm's services; labels on the service reach its containers";

export const NOTED: Readonly<Record<string, string>> = {
  "version": "it is obsolete",
  "services.*.attach": NOTHING_ATTACHED,
  "services.*.develop": "files are not watched; apply again after a change",
  "services.*.build.cache_from": BUILD_CACHE,
  "services.*.build.cache_to": BUILD_CACHE,
  "services.*.build.provenance": ATTESTATIONS,
  "services.*.build.sbom": ATTESTATIONS,
  "services.*.build.isolation": "it is for Windows",
  "services.*.isolation": "it is for Windows",
  "services.*.deploy.labels": SWARM_LABELS,
  "services.*.deploy.rollback_config": "a replacement that fails leaves the old one serving",
  "services.*.deploy.placement.constraints": ONE_NODE,
  "services.*.deploy.placement.preferences": ONE_NODE,
  "services.*.deploy.placement.max_replicas_per_node": ONE_NODE,
  "services.*.deploy.resources.reservations.devices[].options": CDI_SAYS,
  "services.*.gpus[].options": CDI_SAYS,
  "services.*.deploy.resources.reservations.generic_resources": "they are for Swarm",
  "services.*.deploy.update_config.parallelism": "each new one waits until it is healthy",
  "services.*.deploy.update_config.delay": "each new one waits until it is healthy",
  "services.*.deploy.update_config.monitor": "x-skerry.health.deadline says how long is waited",
  "services.*.deploy.update_config.failure_action":
    "a replacement that fails leaves the old one serving",
  "services.*.deploy.update_config.max_failure_ratio":
    "a replacement that fails leaves the old one serving",
  "services.*.deploy.restart_policy.delay": "restarts are slowed by themselves, to one a minute",
  "services.*.deploy.restart_policy.window": "restarts are slowed by themselves",
  "services.*.ports[].app_protocol": "x-skerry.routes serves HTTP",
  "services.*.volumes[].consistency": "it means nothing on Linux",
  "services.*.volumes[].bind.selinux": "files are not relabelled",
  "services.*.networks.*.driver_opts": ONE_BRIDGE,
  "services.*.networks.*.priority": "a container has one interface",
  "services.*.networks.*.gw_priority": "a container has one way out",
  "services.*.networks.*.use_service_name_alias": "a service always answers to its name",
  "networks.*.attachable": "only services join networks",
  "networks.*.driver_opts": ONE_BRIDGE,
  "networks.*.enable_ipv4": "containers have IPv4 addresses",
  "networks.*.enable_ipv6": "containers have IPv4 addresses",
  "networks.*.ipam.config": ONE_SUBNET,
  "networks.*.ipam.driver": ONE_SUBNET,
  "networks.*.ipam.options": ONE_SUBNET,
  "secrets.*.labels": "secrets have no labels",
  "configs.*.labels": "configs have no labels",
};
