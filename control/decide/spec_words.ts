/** A spec in the words of a compose file: what people wrote is what they are told. Pure. */
import { bytesText } from "../../shared/bytes_text.ts";
import { formatDuration } from "../../shared/compose/duration.ts";
import { canonicalJson } from "../../shared/model/hash.ts";
import type { HealthCheck, HostAccess, ServiceSpec } from "../../shared/model/service_spec.ts";

/** What is told in another way: the image by its pin, mounts and secrets by their names. */
type Told = "schema" | "image" | "environment" | "mounts" | "secrets" | "envSecrets";
type Key = Exclude<keyof ServiceSpec, Told>;
type Field<K extends Key> = NonNullable<ServiceSpec[K]>;
/** By the key of a compose file; undefined, false and no text at all: it is as if it were not written. */
type Words = Readonly<Record<string, string | number | boolean | undefined>>;

const duration = (ms: number) => formatDuration(ms * 1e6);
const list = (values: readonly string[] | undefined) => values?.join(", ");
const size = (bytes: number | undefined) => bytes === undefined ? undefined : bytesText(bytes);
const under = (key: string, values: Readonly<Record<string, string>> = {}): Words =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${key}.${name}`, value]));
const argv = (words: readonly string[]) => JSON.stringify(words);

function healthWords(health: HealthCheck): string {
  switch (health.kind) {
    case "none": {
      const timing = health.imageTiming === undefined
        ? ""
        : ` with ${canonicalJson(health.imageTiming)}`;
      const own = health.probePort === null ? "alive for 3 s" : `connects to ${health.probePort}`;
      return health.ignoresImage === true ? own : `the image's${timing}, else ${own}`;
    }
    case "exec":
      return `${argv(health.command)}${timingWords(health)}`;
    case "http":
      return `GET :${health.port}${health.path}${timingWords(health)}`;
    case "tcp":
      return `connects to ${health.port}${timingWords(health)}`;
  }
}

function timingWords(timing: Extract<HealthCheck, { retries: number }>): string {
  const start = timing.startPeriodMs === 0
    ? ""
    : `, ${duration(timing.startPeriodMs)} to start (every ${duration(timing.startIntervalMs)})`;
  return ` every ${duration(timing.intervalMs)}, timeout ${duration(timing.timeoutMs)}, ` +
    `${timing.retries} retries${start}`;
}

function restartWords(restart: ServiceSpec["restart"]): string {
  const count = restart.kind === "on-failure" ? restart.maxRetries : null;
  return count === null ? restart.kind : `${restart.kind}:${count}`;
}

function accessWords(access: HostAccess): Words {
  return {
    privileged: access.privileged,
    pid: access.pid,
    ipc: access.ipc,
    uts: access.uts,
    cgroup: access.cgroup,
    cgroup_parent: access.cgroupParent,
    security_opt: list(access.security),
    devices: list(
      access.devices?.map((each) =>
        each.source === each.target
          ? `${each.source} (${each.permissions})`
          : `${each.source}:${each.target} (${each.permissions})`
      ),
    ),
    device_cgroup_rules: list(access.deviceRules),
    group_add: list(access.groups),
    ...under("sysctls", access.sysctls),
  };
}

function scheduleWords(schedule: Field<"schedule">): string {
  const { cron, timeZone, overlap, missed, missedWithinMs, timeoutMs, retries } = schedule;
  return [
    `"${cron}"${timeZone === undefined ? "" : ` in ${timeZone}`}`,
    ...schedule.suspended === true ? ["suspended"] : [],
    `overlap ${overlap}`,
    `missed ${missed}${missedWithinMs === undefined ? "" : ` within ${duration(missedWithinMs)}`}`,
    ...timeoutMs === undefined ? [] : [`timeout ${duration(timeoutMs)}`],
    ...retries === 0 ? [] : [`${retries} retries`],
    `history ${schedule.history.successful}/${schedule.history.failed}`,
  ].join(", ");
}

function hookWords(key: string, hooks: Field<"hooks">["postStart"]): Words {
  return Object.fromEntries(hooks.map((hook, index) => [
    `${key}[${index}]`,
    [
      argv(hook.command),
      ...hook.user === undefined ? [] : [`as ${hook.user}`],
      ...hook.workingDir === undefined ? [] : [`in ${hook.workingDir}`],
      ...hook.privileged === true ? ["privileged"] : [],
    ].join(" "),
  ]));
}

const CONDITION = {
  service_started: "started",
  service_healthy: "healthy",
  service_completed_successfully: "completed",
} as const;

const WORDS: { readonly [K in Key]: (value: Field<K>) => Words } = {
  entrypoint: (value) => ({ entrypoint: argv(value) }),
  command: (value) => ({ command: argv(value) }),
  workingDir: (value) => ({ working_dir: value }),
  user: (value) => ({ user: value }),
  hostname: (value) => ({ hostname: value }),
  domainname: (value) => ({ domainname: value }),
  macAddress: (value) => ({ mac_address: value }),
  labels: (value) => under("labels", value),
  ports: (value) => ({
    ports: list(value.map((each) => {
      const host = each.hostAddress === undefined ? "" : `${each.hostAddress}:`;
      return `${host}${each.hostPort}:${each.containerPort}/${each.protocol}`;
    })),
  }),
  routed: (value) => ({
    "x-skerry.routes": list(
      value.map(({ host, path, port }) => `${host ?? "*"}${path} -> ${port}`),
    ),
  }),
  expose: (value) => ({
    expose: list(
      value.map(({ port, protocol, name }) =>
        `${port}/${protocol}${name === undefined ? "" : ` (${name})`}`
      ),
    ),
  }),
  networks: (value) => ({
    networks: list(
      value.map(({ network, aliases }) =>
        aliases.length === 0 ? network : `${network} (as ${aliases.join(", ")})`
      ),
    ),
  }),
  hostNetwork: () => ({ network_mode: "host" }),
  shares: ({ network, ipc, pid }) => ({
    network_mode: network === undefined ? undefined : `service:${network}`,
    ipc: ipc === undefined ? undefined : `service:${ipc}`,
    pid: pid === undefined ? undefined : `service:${pid}`,
  }),
  extraHosts: (value) => ({
    extra_hosts: list(value.map(({ name, address }) => `${name}=${address}`)),
  }),
  resources: (value) => ({
    cpus: value.cpus,
    mem_limit: size(value.memoryBytes),
    mem_reservation: size(value.memoryReservationBytes),
    memswap_limit: value.memorySwapBytes === -1 ? "no limit" : size(value.memorySwapBytes),
    pids_limit: value.pids === -1 ? "no limit" : value.pids,
    cpu_shares: value.cpuShares,
    cpuset: value.cpuset,
    shm_size: size(value.shmBytes),
    oom_score_adj: value.oomScoreAdj,
  }),
  ulimits: (value) =>
    Object.fromEntries(value.map(({ name, soft, hard }) => [
      `ulimits.${name}`,
      soft === hard ? soft : `${soft} soft, ${hard} hard`,
    ])),
  capAdd: (value) => ({ cap_add: list(value) }),
  capDrop: (value) => ({ cap_drop: list(value) }),
  access: accessWords,
  annotations: (value) => under("annotations", value),
  terminal: ({ tty, stdin }) => ({ tty, stdin_open: stdin }),
  resolver: ({ search, options, servers }) => ({
    dns_search: list(search),
    dns_opt: list(options),
    dns: list(servers),
  }),
  readOnly: (value) => ({ read_only: value }),
  init: (value) => ({ init: value }),
  stopSignal: (value) => ({ stop_signal: value }),
  stopGraceMs: (value) => ({ stop_grace_period: duration(value) }),
  hooks: ({ postStart, preStop }) => ({
    ...hookWords("post_start", postStart),
    ...hookWords("pre_stop", preStop),
  }),
  restart: (value) => ({ restart: restartWords(value) }),
  schedule: (value) => ({ "x-skerry.schedule": scheduleWords(value) }),
  health: (value) => ({ healthcheck: healthWords(value) }),
  deadlineMs: (value) => ({ "x-skerry.health.deadline": duration(value) }),
  drainMs: (value) => ({ "x-skerry.drain": duration(value) }),
  dependsOn: (value) => ({
    depends_on: list(
      value.map(({ service, condition, required }) =>
        `${service} (${CONDITION[condition]}${required ? "" : ", not required"})`
      ),
    ),
  }),
};

function wordsOf<K extends Key>(key: K, spec: ServiceSpec): Words {
  const value = spec[key];
  return value === undefined || value === null ? {} : WORDS[key](value);
}

const KEYS = Object.keys(WORDS).filter((key): key is Key => key in WORDS);

/** Keys of a compose file and what stands there, as far as anything does. */
export function specWords(spec: ServiceSpec): readonly (readonly [key: string, words: string])[] {
  return KEYS.flatMap((key) => Object.entries(wordsOf(key, spec))).flatMap(([key, value]) =>
    value === undefined || value === false || value === "" ? [] : [[key, String(value)] as const]
  );
}
