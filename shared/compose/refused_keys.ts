/**
 * The keys of the Compose Specification that are not carried out yet: why, and what to write
 * instead. A key leaves this table when it is carried out (and enters carried_keys.ts).
 */
export interface Refusal {
  /** A clause that follows `"key" is not carried out yet: `; empty: nothing to add. */
  readonly reason: string;
  /** In the imperative. */
  readonly remedy: string;
}

const leaveOut = (reason: string): Refusal => ({ reason, remedy: "leave it out" });
const refuse = (reason: string, remedy: string): Refusal => ({ reason, remedy });

const CPU = "the share of the processor is set in one place";
const cpus = refuse(CPU, "write deploy.resources.limits.cpus");
const hooks = refuse(
  "commands beside the container's own are not run",
  "put it into the image's entrypoint, or write a service that the others wait for with condition: service_completed_successfully",
);
const address = refuse(
  "containers have one subnet a node and get their address from it",
  "use the service's name, or an alias",
);
const macAddress = leaveOut("containers get theirs from the node");
const updates = refuse(
  "every change starts the new one, waits until it is healthy and then retires the old one",
  "leave it out; x-skerry.health.deadline and x-skerry.drain set how long that may take",
);
const labelsOfDeploy = refuse(
  "labels of Swarm services mean nothing here",
  "write labels on the service",
);
const namespaces = refuse(
  "containers have namespaces of their own",
  "leave it out, or run this service outside of Skerry",
);

export const REFUSED: Readonly<Record<string, Refusal>> = {
  "include": refuse("one model is read from the files given", "pass each file with -f"),
  "models": leaveOut("there is no runner for models"),
  "jobs": refuse(
    "a job is written as a service",
    'write a service with restart: "no"',
  ),

  "services.*.annotations": refuse("", "write labels"),
  "services.*.attach": refuse(
    "nothing is attached at start",
    "leave it out; `skerry logs -f` shows logs",
  ),
  "services.*.blkio_config": leaveOut("the share of disk traffic is not limited"),
  "services.*.cgroup": namespaces,
  "services.*.cgroup_parent": leaveOut("each container has a control group of its own"),
  "services.*.container_name": refuse(
    "containers are named after project, service and slot, so that a new one can start beside the old",
    "leave it out; others find this service by its name, or by an alias under networks",
  ),
  "services.*.cpu_count": cpus,
  "services.*.cpu_percent": cpus,
  "services.*.cpu_period": cpus,
  "services.*.cpu_quota": cpus,
  "services.*.cpu_rt_period": cpus,
  "services.*.cpu_rt_runtime": cpus,
  "services.*.cpu_shares": cpus,
  "services.*.cpus": cpus,
  "services.*.cpuset": cpus,
  "services.*.credential_spec": leaveOut("it is for Windows"),
  "services.*.develop": leaveOut("files are not watched"),
  "services.*.device_cgroup_rules": leaveOut("devices of the host are not passed on"),
  "services.*.devices": refuse(
    "devices of the host are not passed on",
    "leave it out, or run what needs the device outside of Skerry",
  ),
  "services.*.dns": refuse(
    "containers ask the node's own DNS",
    "leave it out, and set the resolver on the host",
  ),
  "services.*.dns_opt": refuse(
    "containers ask the node's own DNS",
    "leave it out, and set the resolver on the host",
  ),
  "services.*.dns_search": refuse("the search domain is the project's own", "write the full name"),
  "services.*.domainname": refuse(
    "names end in the project's zone",
    "leave it out, or write hostname",
  ),
  "services.*.extends": refuse(
    "services are not taken over from others",
    'use a YAML anchor ("<<: *base") or write the keys out; several files are merged with -f',
  ),
  "services.*.external_links": refuse(
    "",
    "share a network with external: true and use the service's name",
  ),
  "services.*.gpus": leaveOut("devices of the host are not passed on"),
  "services.*.group_add": refuse("", 'write user: "UID:GID"'),
  "services.*.ipc": namespaces,
  "services.*.isolation": leaveOut("it is for Windows"),
  "services.*.label_file": refuse("", "write labels"),
  "services.*.links": refuse(
    "services of one network find each other by name",
    "leave it out; write depends_on for the order, and an alias under networks for another name",
  ),
  "services.*.logging": refuse(
    "logs are kept by the agent within a budget of bytes",
    "leave it out; `skerry logs` shows them",
  ),
  "services.*.mac_address": macAddress,
  "services.*.mem_limit": refuse("", "write deploy.resources.limits.memory"),
  "services.*.mem_reservation": refuse("", "write deploy.resources.reservations.memory"),
  "services.*.mem_swappiness": leaveOut("swapping is the host's matter"),
  "services.*.memswap_limit": refuse(
    "swapping is the host's matter",
    "write deploy.resources.limits.memory",
  ),
  "services.*.models": leaveOut("there is no runner for models"),
  "services.*.network_mode": refuse(
    "every container has an address of its own",
    "leave it out; networks says what the service joins, ports what the host publishes",
  ),
  "services.*.oom_kill_disable": leaveOut("a container beyond its memory is stopped"),
  "services.*.oom_score_adj": leaveOut("a container beyond its memory is stopped"),
  "services.*.pid": namespaces,
  "services.*.pids_limit": refuse("", "write deploy.resources.limits.pids"),
  "services.*.platform": refuse("the node's own platform is taken", "leave it out"),
  "services.*.post_start": hooks,
  "services.*.pre_start": hooks,
  "services.*.pre_stop": hooks,
  "services.*.privileged": refuse(
    "it opens the whole host to the container",
    "leave it out; cap_add gives the capabilities that it needs",
  ),
  "services.*.profiles": refuse(
    "every service of a file is applied",
    "put such services into a file of their own and pass it with -f",
  ),
  "services.*.provider": leaveOut("services are containers"),
  "services.*.pull_policy": refuse(
    "an image is resolved once at apply and then kept",
    "leave it out; `skerry apply --pull` asks the registry again",
  ),
  "services.*.pull_refresh_after": refuse(
    "",
    "leave it out; `skerry apply --pull` asks the registry again",
  ),
  "services.*.runtime": leaveOut("the node's own runtime is used"),
  "services.*.security_opt": refuse(
    "the engine's own profiles are used",
    "leave it out; cap_add and cap_drop set capabilities",
  ),
  "services.*.shm_size": refuse(
    "",
    'write a volume: "- {type: tmpfs, target: /dev/shm, tmpfs: {size: 64m}}"',
  ),
  "services.*.stdin_open": refuse("", "leave it out; `skerry exec` passes its own stdin on"),
  "services.*.storage_opt": leaveOut("the size of a container's own layer is not limited"),
  "services.*.sysctls": refuse(
    "containers keep the kernel's settings",
    "leave it out; what holds for the whole host (vm.*, fs.*) is set there with sysctl",
  ),
  "services.*.tmpfs": refuse(
    "",
    'write a volume: "- {type: tmpfs, target: /PATH, tmpfs: {size: 64m}}"',
  ),
  "services.*.tty": refuse("", "leave it out; `skerry exec` opens a terminal"),
  "services.*.umask": refuse("", "set it in the image's entrypoint"),
  "services.*.use_api_socket": leaveOut("the engine's socket is never given to containers"),
  "services.*.userns_mode": namespaces,
  "services.*.uts": namespaces,
  "services.*.volumes_from": refuse("", "write the same volumes here"),

  "services.*.build.additional_contexts": refuse(
    "one context is sent",
    "put the files into the context",
  ),
  "services.*.build.cache_from": leaveOut("the node's own build cache is used"),
  "services.*.build.cache_to": leaveOut("the node's own build cache is used"),
  "services.*.build.dockerfile_inline": refuse(
    "",
    "write it to a file and name that with dockerfile",
  ),
  "services.*.build.entitlements": leaveOut("builds have no extra rights"),
  "services.*.build.extra_hosts": leaveOut("builds see the node's own names"),
  "services.*.build.isolation": leaveOut("it is for Windows"),
  "services.*.build.labels": refuse("", "write LABEL in the Dockerfile"),
  "services.*.build.network": leaveOut("builds use the node's own network"),
  "services.*.build.no_cache_filter": refuse("", "write no_cache: true"),
  "services.*.build.platforms": leaveOut("the node's own platform is taken"),
  "services.*.build.privileged": leaveOut("builds have no extra rights"),
  "services.*.build.provenance": leaveOut("no attestations are made"),
  "services.*.build.sbom": leaveOut("no attestations are made"),
  "services.*.build.secrets": refuse(
    "",
    "fetch what needs a secret before the build and put it into the context",
  ),
  "services.*.build.shm_size": leaveOut("the engine's own size is used"),
  "services.*.build.ssh": refuse(
    "",
    "fetch what needs a key before the build and put it into the context",
  ),
  "services.*.build.tags": refuse("the image has one name", "write image"),
  "services.*.build.ulimits": leaveOut("the engine's own limits are used"),

  "services.*.volumes[].consistency": leaveOut("it means nothing on Linux"),
  "services.*.volumes[].image": refuse("", "copy the files in the Dockerfile: COPY --from=IMAGE"),
  "services.*.volumes[].bind.propagation": leaveOut("mounts made later do not cross"),
  "services.*.volumes[].bind.recursive": leaveOut("mounts below come along"),
  "services.*.volumes[].bind.selinux": leaveOut("files are not relabelled"),
  "services.*.volumes[].volume.labels": refuse("", "write labels on the volume at the top level"),
  "services.*.ports[].app_protocol": refuse("", "write x-skerry.routes for HTTP"),

  "services.*.deploy.endpoint_mode": refuse(
    "a name answers with the addresses of all replicas",
    "leave it out",
  ),
  "services.*.deploy.labels": labelsOfDeploy,
  "services.*.deploy.restart_policy": refuse("", "write restart on the service"),
  "services.*.deploy.rollback_config": updates,
  "services.*.deploy.update_config": updates,
  "services.*.deploy.placement.constraints": leaveOut(
    "a service runs where the project was applied",
  ),
  "services.*.deploy.placement.preferences": leaveOut(
    "a service runs where the project was applied",
  ),
  "services.*.deploy.placement.max_replicas_per_node": leaveOut(
    "a service runs where the project was applied",
  ),
  "services.*.deploy.resources.reservations.devices": leaveOut(
    "devices of the host are not passed on",
  ),
  "services.*.deploy.resources.reservations.generic_resources": leaveOut("it is for Swarm"),

  "services.*.networks.*.driver_opts": leaveOut("all networks share one bridge"),
  "services.*.networks.*.gw_priority": leaveOut("a container has one way out"),
  "services.*.networks.*.interface_name": leaveOut("a container has one interface"),
  "services.*.networks.*.ipv4_address": address,
  "services.*.networks.*.ipv6_address": address,
  "services.*.networks.*.link_local_ips": address,
  "services.*.networks.*.mac_address": macAddress,
  "services.*.networks.*.priority": leaveOut("a container has one interface"),
  "services.*.networks.*.use_service_name_alias": leaveOut("a service always answers to its name"),

  "services.*.x-skerry.placement": leaveOut("a service runs where the project was applied"),
  "services.*.x-skerry.schedule": refuse(
    "",
    'write a service with restart: "no" and apply it when it is to run',
  ),

  "networks.*.attachable": leaveOut("only services join networks"),
  "networks.*.driver_opts": leaveOut("all networks share one bridge"),
  "networks.*.enable_ipv4": leaveOut("containers have IPv4 addresses"),
  "networks.*.enable_ipv6": leaveOut("containers have IPv4 addresses"),
  "networks.*.ipam.config": refuse(
    "containers have one subnet a node",
    "set it with --container-cidr of `skerry up`",
  ),
  "networks.*.ipam.driver": leaveOut("containers have one subnet a node"),
  "networks.*.ipam.options": leaveOut("containers have one subnet a node"),

  "volumes.*.driver_opts": refuse(
    "volumes are folders of the node",
    "mount it on the host and write a bind mount of that path",
  ),

  "secrets.*.driver": refuse("", "write external: true and set it with `skerry secret set`"),
  "secrets.*.driver_opts": refuse("", "write external: true and set it with `skerry secret set`"),
  "secrets.*.labels": leaveOut("secrets have no labels"),
  "secrets.*.template_driver": leaveOut("secrets are not templates"),
  "configs.*.labels": leaveOut("configs have no labels"),
  "configs.*.template_driver": refuse("", 'write content with "${NAME}" variables'),
};
