/**
 * Compose files to a model. Pure: what is read beside the files comes in through `readFile`. Every
 * fault is reported with its place; a model comes out only where there is none.
 */
import { checkPublications, checkReferences } from "./check.ts";
import { checkDependencies, impliedDependency } from "./depends.ts";
import { sortedRecord } from "./environment.ts";
import { fieldsOf, takeFrom } from "./fields.ts";
import { type ComposeModel, type ComposeService, replicasOf } from "./model.ts";
import { checkName, projectName } from "./names.ts";
import { withProfiles } from "./profiles.ts";
import { parseFile } from "./parse.ts";
import { createProblems, type Problem } from "./problem.ts";
import type { ReadFile, Reading } from "./reading.ts";
import { scalarReaders } from "./scalars.ts";
import { type Gathered, readService } from "./service.ts";
import { settleShares } from "./shared_namespaces.ts";
import type { SourceFile } from "./source_file.ts";
import { loadFiles } from "./sources.ts";
import { type Lookup, substitute } from "./substitute.ts";
import { readTopConfigs, readTopNetworks, readTopSecrets, readTopVolumes } from "./top_level.ts";
import { type Entry, isNull, type MapNode, settled } from "./tree.ts";
import { variablesOf } from "./variables.ts";
import { checkScheduledDependencies } from "./x_schedule.ts";
import { checkRoutes } from "./x_skerry.ts";
import { ownValue } from "../own_value.ts";

export type { FileText, ReadFile } from "./reading.ts";

export interface ReadInput {
  /** In the order of `-f`; paths absolute. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Absolute: the first file's folder, or what the user named. */
  readonly projectDirectory: string;
  /** The process's environment; it wins over `.env`. */
  readonly environment: Readonly<Record<string, string>>;
  /** `-p`; null: not given. */
  readonly projectName: string | null;
  /** Files of variables for interpolation, absolute; absent: `.env` of the project's folder where it exists. */
  readonly envFiles?: readonly string[];
  /**
   * Profiles that are on, beside those of COMPOSE_PROFILES; `*` is all of them. Services of other
   * profiles are read and checked, and then left out.
   */
  readonly profiles: readonly string[];
  /** Reads `.env` and what `env_file` names. */
  readonly readFile: ReadFile;
}

/** Problems and notes are sorted by file and place, at most 50 and one that counts the rest. */
export type ReadResult =
  | {
    readonly kind: "ok";
    readonly model: ComposeModel;
    /** The variables that secrets and configs name, with their values; null: not set. Never stored. */
    readonly variables: Readonly<Record<string, string | null>>;
    readonly notes: readonly Problem[];
  }
  | {
    readonly kind: "problems";
    readonly problems: readonly Problem[];
    readonly notes: readonly Problem[];
  };

function writtenName(files: readonly SourceFile[], lookup: Lookup) {
  for (const { tree } of [...files].reverse()) {
    const node = tree.entries.get("name")?.value;
    if (node?.kind === "scalar" && typeof node.value === "string" && node.value !== "") {
      return { name: substitute(node.value, lookup).text, at: node.at };
    }
  }
  return null;
}

function readServices(
  reading: Reading,
  entry: Entry | undefined,
  root: MapNode,
  gathered: Gathered,
): Record<string, ComposeService> {
  const { problems } = reading;
  const node = entry?.value;
  if (node === undefined || isNull(node) || node.kind === "map" && node.entries.size === 0) {
    problems.report(
      entry?.keyAt ?? root.at,
      "no-services",
      "there are no services",
      'write "services:" with at least one service below it',
    );
    return {};
  }
  if (node.kind !== "map") {
    problems.report(
      node.at,
      "type",
      '"services" is to be a mapping',
      "write each service's name as a key",
    );
    return {};
  }
  const services: [string, ComposeService][] = [];
  for (const [name, { keyAt, value }] of node.entries) {
    const usable = checkName("service", name, keyAt, problems);
    if (value.kind !== "map") {
      problems.report(
        keyAt,
        "type",
        "a service is to be a mapping",
        "write image: NAME:TAG below its name",
      );
      continue;
    }
    const service = readService(reading, name, value, gathered);
    if (usable) services.push([name, service]);
  }
  return Object.fromEntries(services.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function readModel(
  reading: Reading,
  name: string,
  root: MapNode,
): ComposeModel {
  const { problems } = reading;
  const top = fieldsOf(root, "", problems);
  takeFrom(top, problems)("name", reading.scalars.text);
  const gathered: Gathered = { edges: [], routes: [], shares: [] };
  const services = readServices(reading, top.get("services"), root, gathered);
  settleShares(gathered.shares, services, (service, on, at) => {
    const one = ownValue(services, service);
    if (one !== undefined) impliedDependency(service, one, on, at, gathered.edges);
  }, problems);
  const networks = readTopNetworks(reading, name, top.get("networks")?.value);
  const usesDefault = Object.values(services).some((one) => Object.hasOwn(one.networks, "default"));
  const model: ComposeModel = {
    name,
    services,
    networks: usesDefault && !Object.hasOwn(networks, "default")
      ? sortedWith(networks, "default", { name: `${name}_default` })
      : networks,
    volumes: readTopVolumes(reading, name, top.get("volumes")?.value),
    secrets: readTopSecrets(reading, name, top.get("secrets")?.value),
    configs: readTopConfigs(reading, name, top.get("configs")?.value),
  };
  const serviceNode = top.get("services")?.value;
  const names = serviceNode?.kind === "map" ? serviceNode.entries.keys() : [];
  checkReferences(reading.references, model, problems);
  checkDependencies(gathered.edges, new Set(names), problems);
  checkScheduledDependencies(gathered.edges, services, problems);
  checkRoutes(gathered.routes, problems);
  checkPublications(
    reading.publications,
    (service) => {
      const found = Object.hasOwn(services, service) ? services[service] : undefined;
      return found === undefined ? 1 : replicasOf(found);
    },
    problems,
  );
  return model;
}

function sortedWith<V>(record: Record<string, V>, key: string, value: V): Record<string, V> {
  const entries = [...Object.entries(record), [key, value] as const];
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function namedVariables(model: ComposeModel, lookup: Lookup): Record<string, string | null> {
  const sources = [...Object.values(model.secrets), ...Object.values(model.configs)];
  return sortedRecord(
    sources.flatMap(({ environment }) =>
      environment === undefined ? [] : [[environment, lookup(environment) ?? null] as const]
    ),
  );
}

/** Reads compose files as `docker compose config` does, or says all that is wrong with them. */
export function readCompose(input: ReadInput): ReadResult {
  const problems = createProblems();
  const order = input.files.map((file) => file.path);
  const faulty = (): ReadResult => ({
    kind: "problems",
    problems: problems.problems(order),
    notes: problems.notes(order),
  });
  const start = { file: order[0] ?? input.projectDirectory, line: 1, column: 1 };
  if (input.files.length === 0) {
    problems.report(start, "no-files", "no compose file is given", "pass one with -f");
    return faulty();
  }
  const files: SourceFile[] = [];
  for (const { path, text } of input.files) {
    const tree = parseFile(path, text, problems);
    if (tree !== null) files.push({ path, tree });
  }
  const { environment, projectDirectory } = input;
  const outer = variablesOf(
    (key) => Object.hasOwn(environment, key) ? environment[key] : undefined,
    input.envFiles === undefined
      ? { paths: [`${projectDirectory.replace(/\/$/, "")}/.env`], required: false }
      : { paths: input.envFiles, required: true },
    input.readFile,
    problems,
  );
  const name = projectName({
    option: input.projectName,
    variable: outer("COMPOSE_PROJECT_NAME"),
    written: writtenName(files, outer),
    projectDirectory: input.projectDirectory,
    start,
  }, problems);
  const lookup: Lookup = (key) => key === "COMPOSE_PROJECT_NAME" ? name : outer(key);
  const directories = new Map<string, string>();
  if (files.length < input.files.length) return faulty();
  const tree = loadFiles({ problems, readFile: input.readFile, directories }, files, {
    directory: projectDirectory,
    lookup,
    chain: [],
  });
  const reading: Reading = {
    problems,
    scalars: scalarReaders(problems),
    projectDirectory,
    directories,
    lookup,
    readFile: input.readFile,
    references: [],
    publications: [],
  };
  const whole = readModel(reading, name, settled(tree));
  const written = (lookup("COMPOSE_PROFILES") ?? "").split(",").filter((one) => one !== "");
  const model = withProfiles(whole, new Set([...input.profiles, ...written]), start, problems);
  if (problems.count() > 0) return faulty();
  return {
    kind: "ok",
    model,
    variables: namedVariables(model, lookup),
    notes: problems.notes(order),
  };
}
