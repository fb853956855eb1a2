/** One service of the merged tree to its part of the model. */
import { readAccess } from "./access.ts";
import { readBuild } from "./build.ts";
import { readCommand } from "./command.ts";
import { type Dependency, impliedDependencies, readDependsOn } from "./depends.ts";
import { readDeploy, withScale } from "./deploy.ts";
import { readEnvironment, readStrings, sortedRecord } from "./environment.ts";
import { readExtraHosts } from "./extra_hosts.ts";
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import { readFileUses } from "./file_uses.ts";
import { readIdentity, readLogging } from "./engine_notes.ts";
import { readHealthcheck } from "./health.ts";
import { readLabelFiles } from "./label_file.ts";
import { readGpus } from "./gpus.ts";
import { readHooks } from "./hooks.ts";
import { checkLimits, readLimits } from "./limits.ts";
import type { ComposeService } from "./model.ts";
import { readMounts } from "./mounts.ts";
import { nameFault } from "./names.ts";
import { readNetworkMode } from "./network_mode.ts";
import { namesAsMap } from "./pairs.ts";
import { containerPath } from "./paths.ts";
import { readExpose, readPorts } from "./ports.ts";
import { type Place, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { Gathering } from "./shared_namespaces.ts";
import { readTmpfs } from "./tmpfs.ts";
import { type Entry, isNull, type MapNode, type Node, nullNode } from "./tree.ts";
import { readMacAddress } from "./mac_address.ts";
import { readUlimits } from "./ulimits.ts";
import { readVolumesFrom } from "./volumes_from.ts";
import { checkScheduled } from "./x_schedule.ts";
import { readXSkerry, type RouteUse } from "./x_skerry.ts";

type Networks = ComposeService["networks"];

/** What concerns more than one service, gathered while they are read. */
export interface Gathered extends Gathering {
  readonly edges: Dependency[];
  readonly routes: RouteUse[];
}

function readNetworks(reading: Reading, service: string, node: Node | undefined): Networks {
  const { problems, scalars } = reading;
  const standard: Networks = { default: null };
  if (node === undefined) return standard;
  const map = namesAsMap(node, (name) => nullNode(name.at));
  if (map === null) {
    problems.report(
      node.at,
      "type",
      `"networks" is to be a list of names or a mapping, this is ${describeNode(node)}`,
      "write a list: - NETWORK",
    );
    return standard;
  }
  const found: [string, Networks[string]][] = [];
  for (const [name, { keyAt, value }] of map.entries) {
    reading.references.push({ kind: "networks", name, at: keyAt, service });
    let use: Networks[string] = null;
    if (value.kind === "map") {
      const take = takeFrom(fieldsOf(value, "services.*.networks.*", problems), problems);
      const aliases = take("aliases", scalars.texts);
      for (const alias of aliases ?? []) {
        if (nameFault(alias) === null) continue;
        problems.report(
          value.entries.get("aliases")?.keyAt ?? keyAt,
          "name",
          `${quoted(alias)} cannot be an alias`,
          'write letters, digits, "-" and dots, at most 63',
        );
      }
      use = aliases === undefined || aliases.length === 0
        ? null
        : { aliases: [...new Set(aliases)] };
    } else if (!isNull(value)) {
      problems.report(
        value.at,
        "type",
        `${quoted(name)} is to be a mapping`,
        "write aliases below it",
      );
    }
    found.push([name, use]);
  }
  if (found.length === 0) return standard;
  return Object.fromEntries(found.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Its files' labels, and its own over them. */
function readLabels(
  reading: Reading,
  fields: ReadonlyMap<string, Entry>,
  at: Place,
): Record<string, string> | undefined {
  const { problems } = reading;
  const file = fields.get("label_file");
  const labels = readLabelFiles(reading, file?.value);
  const own = takeFrom(fields, problems)("labels", readStrings(reading, () => ""));
  for (const [name, value] of Object.entries(own ?? {})) labels.set(name, value);
  for (const name of labels.keys()) {
    if (!name.startsWith("skerry.")) continue;
    problems.report(
      (fields.get("labels") ?? file)?.value.at ?? at,
      "label",
      `the label ${quoted(name)} is Skerry's own`,
      'write a label that does not begin with "skerry."',
    );
  }
  return labels.size === 0 ? undefined : sortedRecord(labels);
}

/** Strings that have a form of their own. */
const FORMS = {
  image: [
    /^[A-Za-z0-9][^\s"'\\]{0,511}$/,
    'write a reference such as "docker.io/library/nginx:1.27"',
  ],
  restart: [
    /^(no|always|unless-stopped|on-failure(:\d{1,6})?)$/,
    'write "no", always, unless-stopped, on-failure or on-failure:3',
  ],
  user: [/^[^\s:]+(:[^\s:]+)?$/, 'write a name or a number, such as "1000" or "1000:1000"'],
  hostname: [
    /^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$/,
    "write letters, digits and -, at most 63",
  ],
  domainname: [
    /^[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/,
    "write letters, digits, - and dots, such as example.org",
  ],
  cgroup_parent: [
    /^\/?[A-Za-z0-9_:@-][A-Za-z0-9_.:@-]*(\/[A-Za-z0-9_:@-][A-Za-z0-9_.:@-]*)*$/,
    "write the path of a control group, such as /plant",
  ],
  stop_signal: [/^(SIG)?[A-Z0-9]+([+-]\d+)?$/, "write a signal such as SIGTERM"],
  capability: [/^(CAP_)?[A-Z_]+$/i, "write a capability such as NET_ADMIN, or ALL"],
} as const;

/** The service, or undefined where nothing can be made of it; every fault is reported. */
export function readService(
  reading: Reading,
  name: string,
  node: MapNode,
  gathered: Gathered,
): ComposeService {
  const { problems, scalars } = reading;
  const fields = fieldsOf(node, "services.*", problems);
  const take = takeFrom(fields, problems);
  const form = (key: keyof typeof FORMS) => scalars.matching(FORMS[key][0], FORMS[key][1]);
  const optional = <V>(key: string, read: Read<V>): V | undefined => {
    const value = fields.get(key)?.value;
    return value === undefined || isNull(value) ? undefined : read(value, key);
  };
  const service: ComposeService = {
    command: optional("command", readCommand(reading)) ?? null,
    entrypoint: optional("entrypoint", readCommand(reading)) ?? null,
    networks: readNetworks(reading, name, fields.get("networks")?.value),
  };
  take("image", form("image"), (value) => service.image = value);
  optionalInto(optional("build", readBuild(reading)), (value) => service.build = value);
  // What is wrong with "extends" was said; it may well bring the image.
  if (!fields.has("image") && !fields.has("build") && !node.entries.has("extends")) {
    problems.report(
      node.at,
      "missing-key",
      `the service "${name}" has neither image nor build`,
      "write image: NAME:TAG or build: ./folder",
    );
  }
  const environment = readEnvironment(
    reading,
    fields.get("environment")?.value,
    fields.get("env_file")?.value,
  );
  if (environment !== undefined) service.environment = environment;
  optionalInto(readLabels(reading, fields, node.at), (value) => service.labels = value);
  const list = <V>(key: string, read: Read<V[]>, put: (value: V[]) => void) =>
    take(key, read, (value) => {
      if (value.length > 0) put(value);
    });
  list("volumes", readMounts(reading, name), (value) => service.volumes = value);
  list("ports", readPorts(reading, name), (value) => service.ports = value);
  readNetworkMode(reading, name, fields, service, gathered);
  list("expose", readExpose(reading), (value) => service.expose = value);
  list("secrets", readFileUses(reading, name, "secrets"), (value) => service.secrets = value);
  list("configs", readFileUses(reading, name, "configs"), (value) => service.configs = value);
  list("extra_hosts", readExtraHosts(reading), (value) => service.extra_hosts = value);
  for (const key of ["cap_add", "cap_drop"] as const) {
    list(key, (at, label) => {
      if (at.kind !== "list") return scalars.texts(at, label);
      return [...new Set(at.items.map((item) => form("capability")(item, label)))]
        .filter((one) => one !== undefined);
    }, (value) => service[key] = value);
  }
  take("depends_on", readDependsOn(reading, name, gathered.edges), (value) => {
    if (Object.keys(value).length > 0) service.depends_on = value;
  });
  take("healthcheck", readHealthcheck(reading), (value) => service.healthcheck = value);
  take("scale", scalars.count, (value) => service.scale = value);
  optionalInto(
    withScale(
      reading,
      optional("deploy", readDeploy(reading)),
      service.scale,
      fields.get("scale")?.value,
    ),
    (value) => service.deploy = value,
  );
  take("restart", form("restart"), (value) => service.restart = value);
  take("user", form("user"), (value) => service.user = value);
  take("hostname", form("hostname"), (value) => service.hostname = value);
  take("domainname", form("domainname"), (value) => service.domainname = value);
  take("cgroup_parent", form("cgroup_parent"), (value) => service.cgroup_parent = value);
  take("stop_signal", form("stop_signal"), (value) => service.stop_signal = value);
  take("working_dir", (at, label) => {
    const text = scalars.text(at, label);
    if (text === undefined || containerPath(text) !== null) return text;
    problems.report(
      at.at,
      "mount",
      `${quoted(text)} is no path in a container`,
      "write an absolute path",
    );
    return undefined;
  }, (value) => service.working_dir = value);
  take("read_only", scalars.boolean, (value) => {
    if (value) service.read_only = true;
  });
  take("init", scalars.boolean, (value) => service.init = value);
  take("stop_grace_period", scalars.duration, (value) => service.stop_grace_period = value);
  take("ulimits", readUlimits(reading), (value) => {
    if (Object.keys(value).length > 0) service.ulimits = value;
  });
  readIdentity(reading, take, service);
  readMacAddress(reading, fields.get("mac_address"), service);
  readLogging(reading, fields.get("logging"));
  readLimits(reading, take, service);
  checkLimits(reading, service, fields);
  readAccess(reading, take, name, service, gathered);
  list("tmpfs", readTmpfs(reading), (value) => service.tmpfs = value);
  for (const key of ["sysctls", "annotations"] as const) {
    take(key, readStrings(reading, () => ""), (value) => {
      if (Object.keys(value).length > 0) service[key] = value;
    });
  }
  for (const key of ["post_start", "pre_stop"] as const) {
    list(key, readHooks(reading), (value) => service[key] = value);
  }
  list("gpus", readGpus(reading, "services.*.gpus"), (value) => service.gpus = value);
  list("volumes_from", readVolumesFrom(reading), (value) => service.volumes_from = value);
  impliedDependencies(name, service, (key) => fields.get(key)?.keyAt ?? node.at, gathered.edges);
  take("x-skerry", readXSkerry(reading, name, gathered.routes), (value) => {
    service["x-skerry"] = value;
  });
  checkScheduled(service, (key) => fields.get(key)?.keyAt ?? node.at, problems);
  return service;
}

function optionalInto<V>(value: V | undefined, put: (value: V) => void): void {
  if (value !== undefined) put(value);
}
