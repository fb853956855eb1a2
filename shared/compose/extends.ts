/** `extends`: a service over another one, of the same file or of another. */
import { posix } from "node:path";
import { interpolateTree } from "./interpolate.ts";
import { mergeTrees } from "./merge.ts";
import { type Place, quoted } from "./problem.ts";
import { openNamed, pathIn, type Scope, type Sources } from "./source_file.ts";
import { nearest } from "./suggest.ts";
import { type Entry, type MapNode, type Node, settled } from "./tree.ts";

type Services = ReadonlyMap<string, Entry>;

/** A service that is extended, and where it is looked for. */
interface Base {
  readonly service: string;
  readonly file: string | null;
  readonly at: Place;
}

/** Longer chains are nobody's, and take long to carry out. */
const MAX_CHAIN = 32;
/** A file that cannot be taken in is not opened more often than faults are shown. */
const MAX_TRIES = 50;

/** A service with all that it extends, and over how many others it lies. */
interface Whole {
  readonly node: Node;
  readonly depth: number;
}

interface Opened {
  readonly services: Services;
  readonly file: string;
  readonly scope: Pick<Scope, "directory" | "lookup">;
}

/** What was made so far: each is made once, however many extend it. */
interface Made {
  readonly wholes: Map<string, Whole>;
  readonly files: Map<string, Opened>;
  readonly failures: Map<string, number>;
}

/** The file's tree with every `extends` carried out. Faults are told; such a service stays as it is. */
export function withExtends(
  sources: Sources,
  tree: MapNode,
  file: string,
  scope: Scope,
): MapNode {
  const services = tree.entries.get("services");
  if (services?.value.kind !== "map") return tree;
  const { entries } = services.value;
  if (![...entries.values()].some((each) => extendsOf(each.value) !== undefined)) return tree;
  const extended = new Map<string, Entry>();
  const made: Made = { wholes: new Map(), files: new Map(), failures: new Map() };
  for (const [name, entry] of entries) {
    const whole = resolve(sources, made, name, { services: entries, file, scope }, []);
    extended.set(name, { ...entry, value: whole?.node ?? entry.value });
  }
  const value: MapNode = { ...services.value, entries: extended };
  return { ...tree, entries: new Map([...tree.entries, ["services", { ...services, value }]]) };
}

function extendsOf(service: Node): Entry | undefined {
  return service.kind === "map" ? service.entries.get("extends") : undefined;
}

function baseOf(sources: Sources, entry: Entry): Base | null {
  const { value, keyAt } = entry;
  const wrong = () => {
    sources.problems.report(
      keyAt,
      "extends",
      '"extends" names no service',
      "write extends: SERVICE, or service and file below it",
    );
    return null;
  };
  if (value.kind === "scalar") {
    return typeof value.value === "string" && value.value !== ""
      ? { service: value.value, file: null, at: value.at }
      : wrong();
  }
  if (value.kind === "list") return wrong();
  const text = (key: string) => {
    const node = value.entries.get(key)?.value;
    return node?.kind === "scalar" && typeof node.value === "string" ? node.value : null;
  };
  const service = text("service");
  for (const [key, { keyAt: at }] of value.entries) {
    if (key === "service" || key === "file" || key.startsWith("x-")) continue;
    sources.problems.report(
      at,
      "unknown-key",
      `unknown key ${quoted(key)}`,
      "write service or file",
    );
  }
  if (service === null || service === "") return wrong();
  return { service, file: text("file"), at: value.entries.get("service")?.value.at ?? keyAt };
}

/** One service with all that it extends; null: there is no such service, or something is wrong. */
function resolve(
  sources: Sources,
  made: Made,
  name: string,
  { services, file, scope }: Opened,
  chain: readonly string[],
): Whole | null {
  const service = services.get(name)?.value;
  if (service === undefined) return null;
  const entry = extendsOf(service);
  if (entry === undefined || service.kind !== "map") return { node: service, depth: 0 };
  const link = `${file}\n${name}`;
  const before = made.wholes.get(link);
  if (before !== undefined) return before;
  const tooLong = () => {
    sources.problems.report(
      entry.keyAt,
      "extends",
      `${quoted(name)} extends over more than ${MAX_CHAIN} services`,
      "let it extend one that is nearer to the end",
    );
    return null;
  };
  if (chain.includes(link)) {
    const circle = [...chain.slice(chain.indexOf(link)), link].map((each) =>
      quoted(each.slice(each.indexOf("\n") + 1))
    );
    sources.problems.report(
      entry.keyAt,
      "extends",
      `these services extend each other: ${circle.join(" → ")}`,
      "remove one of these extends",
    );
    return null;
  }
  if (chain.length >= MAX_CHAIN) return tooLong();
  const base = baseOf(sources, entry);
  if (base === null) return null;
  const found = base.file === null
    ? { services, file, scope }
    : otherFile(sources, made, base, base.file, scope);
  if (found === null) return null;
  if (!found.services.has(base.service)) {
    const guess = nearest(base.service, [...found.services.keys()]);
    sources.problems.report(
      base.at,
      "extends",
      `the service ${quoted(base.service)} that "${name}" extends does not exist in ${
        quoted(found.file)
      }`,
      guess === null ? "name a service of that file" : `did you mean "${guess}"?`,
    );
    return null;
  }
  const below = resolve(sources, made, base.service, found, [...chain, link]);
  if (below === null) return null;
  const depth = below.depth + 1;
  if (depth > MAX_CHAIN) return tooLong();
  const own = new Map(service.entries);
  own.delete("extends");
  const over: MapNode = { ...service, entries: own };
  const node = below.node.kind === "map"
    ? mergeTrees(settled(below.node), over, "services.*", sources.problems)
    : over;
  const whole = { node, depth };
  made.wholes.set(link, whole);
  return whole;
}

function otherFile(
  sources: Sources,
  made: Made,
  base: Base,
  written: string,
  scope: Pick<Scope, "directory" | "lookup">,
): Opened | null {
  const path = pathIn(scope, written);
  const before = made.files.get(path);
  if (before !== undefined) return before;
  const failures = made.failures.get(path) ?? 0;
  if (failures >= MAX_TRIES) return null;
  const known = sources.directories.get(path);
  // A file of the project's own keeps the folder that its paths are against.
  const directory = known ?? posix.dirname(path);
  const file = openNamed(sources, base.at, path, directory);
  if (file === null) {
    made.failures.set(path, failures + 1);
    return null;
  }
  const tree = interpolateTree(file.tree, scope.lookup, sources.problems);
  const services = tree.entries.get("services")?.value;
  const opened: Opened = {
    services: services?.kind === "map" ? services.entries : new Map(),
    file: path,
    scope: { directory: posix.dirname(path), lookup: scope.lookup },
  };
  made.files.set(path, opened);
  return opened;
}
