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
const realTime = refuse(
  "version 2 of the kernel's control groups has no such limit",
  "write deploy.resources.limits.cpus",
);
const hooks = refuse(
  "nothing runs before the container's own command",
  "put it into the image's entrypoint, or write a service that the others wait for with condition: service_completed_successfully",
);
const address = refuse(
  "containers have one subnet a node and get their address from it",
  "use the service's name, or an alias",
);
const models = refuse(
  "there is no runner for models",
  "run one as a service (Ollama, say) and write its address into environment",
);

export const REFUSED: Readonly<Record<string, Refusal>> = {
  "models": models,
  "jobs": refuse(
    "a job is written as a service",
    'write a service with restart: "no"',
  ),

  "services.*.blkio_config": leaveOut(
    "the share of disk traffic is not limited: the kernel counts only what goes past its cache, and a weight needs a scheduler (bfq) that most disks do not have",
  ),
  "services.*.cpu_count": cpus,
  "services.*.cpu_percent": cpus,
  "services.*.cpu_rt_period": realTime,
  "services.*.cpu_rt_runtime": realTime,
  "services.*.credential_spec": leaveOut("it is for Windows"),
  "services.*.external_links": refuse(
    "",
    "share a network with external: true and use the service's name",
  ),
  "services.*.mem_swappiness": refuse(
    "version 2 of the kernel's control groups has no such setting",
    "write memswap_limit",
  ),
  "services.*.models": models,
  "services.*.oom_kill_disable": refuse(
    "version 2 of the kernel's control groups has no such switch",
    "write oom_score_adj, which says who is ended first, or a higher mem_limit",
  ),
  "services.*.pre_start": hooks,
  "services.*.provider": refuse(
    "nothing but containers is run",
    "write a service with the image of what it provides, or its address into environment",
  ),
  "services.*.pull_refresh_after": refuse(
    "",
    "leave it out; `skerry apply --pull` asks the registry again",
  ),
  "services.*.runtime": refuse(
    "the node's own runtime is used",
    "leave it out; for GPUs write gpus: all",
  ),
  "services.*.storage_opt": refuse(
    "Podman limits a container's own layer on XFS with project quotas alone",
    "mount a tmpfs with a size where it writes, or write read_only: true",
  ),
  "services.*.umask": refuse("", "set it in the image's entrypoint"),
  "services.*.use_api_socket": leaveOut("the engine's socket is never given to containers"),

  "services.*.build.additional_contexts": refuse(
    "one context is sent",
    "put the files into the context",
  ),
  "services.*.build.entitlements": leaveOut("builds have no extra rights"),
  "services.*.build.no_cache_filter": refuse("", "write no_cache: true"),
  "services.*.build.platforms": leaveOut("the node's own platform is taken"),
  "services.*.build.privileged": leaveOut("builds have no extra rights"),
  "services.*.build.secrets": refuse(
    "",
    "fetch what needs a secret before the build and put it into the context",
  ),
  "services.*.build.ssh": refuse(
    "Podman's API for builds takes no agent and no key",
    "fetch what needs a key before the build and put it into the context",
  ),

  "services.*.volumes[].image": refuse("", "copy the files in the Dockerfile: COPY --from=IMAGE"),
  "services.*.volumes[].bind.recursive": leaveOut("mounts below come along"),
  "services.*.volumes[].volume.labels": refuse("", "write labels on the volume at the top level"),

  "services.*.networks.*.interface_name": leaveOut("a container has one interface"),
  "services.*.networks.*.ipv4_address": address,
  "services.*.networks.*.ipv6_address": address,
  "services.*.networks.*.link_local_ips": address,
  "services.*.networks.*.mac_address": refuse(
    "a container has one interface",
    "write mac_address on the service",
  ),

  "services.*.x-skerry.placement": leaveOut("a service runs where the project was applied"),

  "secrets.*.driver": refuse("", "write external: true and set it with `skerry secret set`"),
  "secrets.*.driver_opts": refuse("", "write external: true and set it with `skerry secret set`"),
  "secrets.*.template_driver": leaveOut("secrets are not templates"),
  "configs.*.template_driver": refuse("", 'write content with "${NAME}" variables'),
};
