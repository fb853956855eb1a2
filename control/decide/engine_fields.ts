/** The fields of a spec that concern the container engine alone: limits, rights, devices, terminal. Pure. */
import { cdiNames } from "../../shared/compose/gpus.ts";
import type { ComposeHook, ComposeService } from "../../shared/compose/model.ts";
import type { Hook, HostAccess, ServiceSpec } from "../../shared/model/service_spec.ts";

/** Docker's and Linux's own, in microseconds. */
const DEFAULT_CPU_PERIOD_US = 100_000;

function cpusOf(service: ComposeService): number {
  const { cpu_quota: quota, cpu_period: period } = service;
  if (quota !== undefined && quota > 0) return quota / (period ?? DEFAULT_CPU_PERIOD_US);
  return service.cpus ?? service.deploy?.resources?.limits?.cpus ?? 0;
}

/** The limits of `deploy.resources` and of the older keys beside it. */
export function resourcesOf(service: ComposeService): ServiceSpec["resources"] {
  const { limits, reservations } = service.deploy?.resources ?? {};
  const cpus = cpusOf(service);
  const memory = Number(service.mem_limit ?? limits?.memory ?? 0);
  const reserved = Number(service.mem_reservation ?? reservations?.memory ?? 0);
  const pids = service.pids_limit ?? limits?.pids ?? 0;
  const { cpu_shares, cpuset, memswap_limit, shm_size, oom_score_adj } = service;
  return {
    ...(cpus > 0 ? { cpus } : {}),
    ...(memory > 0 ? { memoryBytes: memory } : {}),
    ...(reserved > 0 ? { memoryReservationBytes: reserved } : {}),
    ...(pids !== 0 ? { pids } : {}),
    ...(cpu_shares === undefined ? {} : { cpuShares: cpu_shares }),
    ...(cpuset === undefined ? {} : { cpuset }),
    ...(memswap_limit === undefined ? {} : { memorySwapBytes: Number(memswap_limit) }),
    ...(shm_size === undefined ? {} : { shmBytes: Number(shm_size) }),
    ...(oom_score_adj === undefined ? {} : { oomScoreAdj: oom_score_adj }),
  };
}

/**
 * What it shares with its host; undefined: nothing out of the ordinary.
 * @param namespaces what `pid` and `ipc` come to; undefined: its own, or another service's
 */
export function accessOf(
  service: ComposeService,
  namespaces: { readonly pid: string | undefined; readonly ipc: string | undefined },
): HostAccess | undefined {
  const gpus = cdiNames([
    ...service.gpus ?? [],
    ...service.deploy?.resources?.reservations?.devices ?? [],
  ]).map((name) => ({ source: name, target: name, permissions: "rwm" }));
  const devices = [...service.devices ?? [], ...gpus];
  const { privileged, uts, cgroup, sysctls } = service;
  const access: Record<string, unknown> = {
    privileged,
    pid: namespaces.pid,
    ipc: namespaces.ipc,
    uts,
    cgroup,
    cgroupParent: service.cgroup_parent,
    security: service.security_opt,
    devices: devices.length === 0 ? undefined : devices,
    deviceRules: service.device_cgroup_rules,
    groups: service.group_add,
    sysctls,
  };
  for (const key in access) if (access[key] === undefined) delete access[key];
  // The spec's schema, which reads the draft, says what each may be.
  return Object.keys(access).length === 0 ? undefined : access;
}

/** undefined: neither a terminal nor an open input. */
export function terminalOf(service: ComposeService): ServiceSpec["terminal"] | undefined {
  if (service.tty === undefined && service.stdin_open === undefined) return undefined;
  return { tty: service.tty ?? false, stdin: service.stdin_open ?? false };
}

/** undefined: the project's own domain and options alone. */
export function resolverOf(service: ComposeService): ServiceSpec["resolver"] | undefined {
  const { dns, dns_search: search, dns_opt: options } = service;
  if (dns === undefined && search === undefined && options === undefined) return undefined;
  return {
    search: search ?? [],
    options: options ?? [],
    ...(dns === undefined ? {} : { servers: dns }),
  };
}

function hookOf(hook: ComposeHook): Hook {
  const { command, user, privileged, working_dir } = hook;
  return {
    command,
    ...(user === undefined ? {} : { user }),
    ...(privileged === undefined ? {} : { privileged }),
    ...(working_dir === undefined ? {} : { workingDir: working_dir }),
  };
}

/** undefined: nothing runs beside its own command. */
export function hooksOf(service: ComposeService): ServiceSpec["hooks"] | undefined {
  const { post_start: postStart = [], pre_stop: preStop = [] } = service;
  if (postStart.length === 0 && preStop.length === 0) return undefined;
  return { postStart: postStart.map(hookOf), preStop: preStop.map(hookOf) };
}

/** Variables of hooks that have a value, under names that no variable of a container has. */
export function hookVariables(service: ComposeService): [string, string][] {
  return (["post_start", "pre_stop"] as const).flatMap((kind) =>
    (service[kind] ?? []).flatMap((hook, index) =>
      Object.entries(hook.environment ?? {}).flatMap(([name, value]): [string, string][] =>
        value === null ? [] : [[`=${kind}.${index}.${name}`, value]]
      )
    )
  );
}
