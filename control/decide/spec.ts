/** One compose service as the spec of its containers. Validated here and nowhere later. */
import { z } from "zod";
import { plainMacAddress } from "../../shared/compose/mac_address.ts";
import type { ComposeFileUse, ComposeModel, ComposeService } from "../../shared/compose/model.ts";
import type { PinRow } from "../store/services.ts";
import type { Mount, PublishedPort } from "../../shared/model/service_spec.ts";
import { ServiceSpec } from "../../shared/model/service_spec.ts";
import type { Fault } from "./fault.ts";
import { healthCheckOf, msOr } from "./health.ts";
import { ownership } from "./mounts.ts";
import type { DecidedNetwork } from "./networks.ts";
import {
  accessOf,
  hooksOf,
  hookVariables,
  resolverOf,
  resourcesOf,
  terminalOf,
} from "./engine_fields.ts";
import { scheduleOf } from "./schedule.ts";
import { ownerOf, sharesOf } from "./sharing.ts";
import type { DecidedSecrets } from "./secrets.ts";
import type { KnownSecret } from "./situation.ts";
import { ownValue } from "../../shared/own_value.ts";

export const DEFAULT_STOP_GRACE_MS = 10_000;
export const DEFAULT_DEADLINE_MS = 300_000;
export const DEFAULT_DRAIN_MS = 10_000;

export interface SpecParts {
  readonly name: string;
  readonly service: ComposeService;
  readonly model: ComposeModel;
  /** What {@link linksIn} found in the model. */
  readonly links: Links;
  readonly isJob: boolean;
  readonly pin: PinRow;
  readonly mounts: readonly Mount[];
  readonly ports: readonly PublishedPort[];
  readonly networks: readonly DecidedNetwork[];
  readonly secrets: Omit<DecidedSecrets, "plan">;
  readonly environment: Readonly<Record<string, string>>;
  readonly mac: string;
  readonly gateway: string;
  /** Others live in its network. */
  readonly hasSharers: boolean;
}

/** Variables that have a value, its hooks' too, sorted by name. */
export function environmentOf(service: ComposeService): Record<string, string> {
  const entries: [string, string][] = [];
  for (const [name, value] of Object.entries(service.environment ?? {})) {
    if (value !== null) entries.push([name, value]);
  }
  entries.push(...hookVariables(service));
  return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : 1));
}

/** Services that are run to their end: `restart: "no"`, by the clock, or awaited as completed. */
export function jobsOf(model: ComposeModel): ReadonlySet<string> {
  const jobs = new Set<string>();
  for (const [name, service] of Object.entries(model.services)) {
    const clocked = service["x-skerry"]?.schedule !== undefined;
    if (clocked || restartText(service) === "no") jobs.add(name);
    for (const [on, { condition }] of Object.entries(service.depends_on ?? {})) {
      if (condition === "service_completed_successfully") jobs.add(on);
    }
  }
  return jobs;
}

/** What `deploy.restart_policy` says, in the words of `restart`, which it goes before. */
function restartText(service: ComposeService): string | undefined {
  const policy = service.deploy?.restart_policy;
  switch (policy?.condition ?? (policy === undefined ? undefined : "any")) {
    case undefined:
      return service.restart;
    case "none":
      return "no";
    case "any":
      return "always";
    case "on-failure":
      return policy?.max_attempts === undefined
        ? "on-failure"
        : `on-failure:${policy.max_attempts}`;
  }
}

function restartOf(text: string | undefined, job: boolean): ServiceSpec["restart"] {
  if (job) return { kind: "no" };
  const [kind, count] = (text ?? "unless-stopped").split(":");
  switch (kind) {
    case "always":
      return { kind: "always" };
    case "on-failure":
      return { kind: "on-failure", maxRetries: count === undefined ? null : Number(count) };
    default:
      return { kind: "unless-stopped" };
  }
}

function exposeOf(service: ComposeService): ServiceSpec["expose"] {
  const found = new Map<string, ServiceSpec["expose"][number]>();
  const keyOf = (port: number, protocol: string) => `${String(port).padStart(5, "0")}/${protocol}`;
  const add = (port: number, protocol: "tcp" | "udp") =>
    found.set(keyOf(port, protocol), {
      ...found.get(keyOf(port, protocol)),
      port,
      protocol,
    });
  for (const each of service.expose ?? []) {
    const parsed = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(each);
    if (parsed === null) continue;
    const first = Number(parsed[1]);
    const last = Math.min(Number(parsed[2] ?? first), first + 1000);
    for (let port = first; port <= last; port++) add(port, parsed[3] === "udp" ? "udp" : "tcp");
  }
  for (const port of service.ports ?? []) {
    add(port.target, port.protocol);
    const key = keyOf(port.target, port.protocol);
    const known = found.get(key);
    if (port.name === undefined || known === undefined || known.name !== undefined) continue;
    found.set(key, { ...known, name: port.name });
  }
  for (const route of service["x-skerry"]?.routes ?? []) add(route.port, "tcp");
  return [...found.keys()].sort().flatMap((key) => {
    const port = found.get(key);
    return port === undefined ? [] : [port];
  });
}

/** The variable that a secret becomes under `env_secrets`: `db-password` is `DB_PASSWORD`. */
export function secretVariable(source: string): string {
  return source.toUpperCase().replace(/[^A-Z0-9]/g, "_");
}

/** By the service that is linked to: who links to it, and by which name. */
export type Links = ReadonlyMap<string, readonly { readonly by: string; readonly alias: string }[]>;

/** The links of a model that give another name. */
export function linksIn(services: ComposeModel["services"]): Links {
  const found = new Map<string, { by: string; alias: string }[]>();
  for (const [by, { links }] of Object.entries(services)) {
    for (const link of links ?? []) {
      const [target = "", alias] = link.split(":");
      if (alias === undefined) continue;
      const known = found.get(target);
      if (known === undefined) found.set(target, [{ by, alias }]);
      else known.push({ by, alias });
    }
  }
  return found;
}

/** Its aliases, its container's name, and what services that link to it call it. */
function aliasesOf(parts: SpecParts, network: string): string[] {
  const { name, service, model } = parts;
  const aliases = new Set(ownValue(service.networks, network)?.aliases ?? []);
  if (service.container_name !== undefined) aliases.add(service.container_name);
  for (const { by, alias } of parts.links.get(name) ?? []) {
    if (network in (ownerOf(model, by, "network").service?.networks ?? {})) aliases.add(alias);
  }
  aliases.delete(name);
  return [...aliases].sort();
}

function definedOnly<T extends Record<string, unknown>>(fields: T): Partial<T> {
  const kept: Partial<T> = {};
  for (const key in fields) if (fields[key] !== undefined) kept[key] = fields[key];
  return kept;
}

function draft(parts: SpecParts): unknown {
  const { service, name } = parts;
  const own = service["x-skerry"];
  const network = ownerOf(parts.model, name, "network").service ?? service;
  const shares = sharesOf(parts.model, name);
  const engineWord = (key: "pid" | "ipc") =>
    shares?.[key] === undefined ? ownerOf(parts.model, name, key).service?.[key] : undefined;
  const gateway = parts.gateway;
  const handedOut = (
    uses: readonly ComposeFileUse[] | undefined,
    known: ReadonlyMap<string, KnownSecret>,
  ) =>
    (uses ?? []).flatMap((use) => {
      const secret = known.get(use.source);
      return secret === undefined ? [] : [{
        name: use.source,
        version: secret.id,
        target: use.target,
        ...ownership(use),
      }];
    });
  const secrets = handedOut(service.secrets, parts.secrets.secrets);
  const configs = handedOut(service.configs, parts.secrets.configs);
  return {
    schema: 1,
    image: { reference: parts.pin.reference, pin: parts.pin.id },
    ...definedOnly({
      entrypoint: service.entrypoint ?? undefined,
      command: service.command ?? undefined,
      workingDir: service.working_dir,
      user: service.user,
      hostname: service.hostname,
      domainname: service.domainname,
      macAddress: service.mac_address === undefined
        ? undefined
        : plainMacAddress(service.mac_address),
      stopSignal: service.stop_signal,
    }),
    environment: { names: Object.keys(parts.environment), mac: parts.mac },
    labels: service.labels ?? {},
    mounts: parts.mounts,
    secrets: [...secrets, ...configs.map((each) => ({ ...each, config: true }))],
    envSecrets: own?.env_secrets === true
      ? secrets.map((each) => ({
        variable: secretVariable(each.name),
        name: each.name,
        version: each.version,
      }))
      : [],
    ports: parts.ports,
    routed: (own?.routes ?? []).map(({ host, path, port }) => ({ host: host ?? null, path, port })),
    expose: exposeOf(service),
    networks: parts.networks
      .filter(({ local }) => local in network.networks)
      .map(({ key, local }) => ({ network: key, aliases: aliasesOf(parts, local) })),
    extraHosts: (service.extra_hosts ?? []).map((text) => {
      const at = text.indexOf("=");
      const address = text.slice(at + 1);
      return {
        name: text.slice(0, at),
        address: address === "host-gateway" ? gateway : address,
      };
    }),
    resources: resourcesOf(service),
    ...(network.network_mode === "host" ? { hostNetwork: true } : {}),
    ...definedOnly({
      shares,
      access: accessOf(service, { pid: engineWord("pid"), ipc: engineWord("ipc") }),
      annotations: service.annotations,
      terminal: terminalOf(service),
      resolver: resolverOf(service),
      hooks: hooksOf(service),
    }),
    ulimits: Object.entries(service.ulimits ?? {}).sort(([a], [b]) => a < b ? -1 : 1)
      .map(([limit, value]) =>
        typeof value === "number"
          ? { name: limit, soft: value, hard: value }
          : { name: limit, soft: value.soft, hard: value.hard }
      ),
    capAdd: [...new Set(service.cap_add ?? [])].sort(),
    capDrop: [...new Set(service.cap_drop ?? [])].sort(),
    readOnly: service.read_only ?? false,
    init: service.init ?? false,
    stopGraceMs: msOr(service.stop_grace_period, DEFAULT_STOP_GRACE_MS),
    restart: restartOf(restartText(service), parts.isJob),
    ...definedOnly({ schedule: scheduleOf(service) }),
    health: healthCheckOf(service, parts.hasSharers),
    deadlineMs: Math.max(1, msOr(own?.health?.deadline, DEFAULT_DEADLINE_MS)),
    drainMs: msOr(own?.drain, DEFAULT_DRAIN_MS),
    dependsOn: Object.entries(service.depends_on ?? {}).sort(([a], [b]) => a < b ? -1 : 1)
      .filter(([each]) => each !== name)
      .map(([each, { condition, required }]) => ({ service: each, condition, required })),
  };
}

/** The spec, or null where it cannot be, with the faults told. */
export function decideSpec(
  parts: SpecParts,
  read: (draft: unknown) => ServiceSpec | null,
  faults: Fault[],
): ServiceSpec | null {
  const drafted = draft(parts);
  const spec = read(drafted);
  if (spec !== null) return spec;
  const { error } = ServiceSpec.safeParse(drafted);
  const why = error === undefined ? "" : `: ${z.prettifyError(error)}`;
  faults.push({
    code: "spec_invalid",
    detail: `service "${parts.name}" cannot be run as written${why}`,
    remedy: "Correct the value that is named.",
  });
  return null;
}
