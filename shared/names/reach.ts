/**
 * Who sees whom by which name, in words. Pure: the DNS server of a node makes its answers of it, and
 * the control plane tells people the same.
 */

/** One container, both as an asker and as an answer. */
export interface NamedHost {
  readonly address: string;
  readonly project: string;
  readonly service: string;
  readonly containerName: string;
  /** Networks that it is on by key, with the aliases that hold on that network only. */
  readonly networks: readonly { readonly network: string; readonly aliases: readonly string[] }[];
  /** Names lead to it now; otherwise it is an asker only. */
  readonly serving: boolean;
}

/** Addresses by name; a name without addresses exists and has none (NODATA). */
export type Names = Map<string, string[]>;

/** The addresses that each name of one project leads to. */
type ProjectNames = Map<string, { addresses: string[]; service: boolean }>;

/** An asker: a container by its project and networks; null: the host, or anyone beyond it. */
export interface Asker {
  readonly project: string;
  readonly networks: readonly string[];
}

/** The hosts that share a network with the asker. */
export function reachable<Host extends NamedHost>(
  hosts: readonly Host[],
  asker: Asker | null,
): Host[] {
  if (asker === null) return [...hosts];
  const networks = new Set(asker.networks);
  return hosts.filter((host) => host.networks.some(({ network }) => networks.has(network)));
}

/**
 * The names that an asker may use, relative to the root and in lower case.
 *
 * - `name.PROJECT.zone` for services, container names, and aliases on shared networks;
 * - for a container, `name.OWN.zone` and bare `name` also lead to another project's, unless its own
 *   project has a service of that name; where two other projects have it, to nothing (NODATA);
 * - `service.zone` where one project alone has it among what the asker may reach, else NODATA.
 */
export function namesFor(
  hosts: readonly NamedHost[],
  visible: readonly NamedHost[],
  asker: Asker | null,
  zone: string,
): Names {
  const projects = namesByProject(visible, asker);
  const names: Names = new Map([[zone, []]]);
  const services = new Map<string, string[][]>();
  for (const [project, labels] of projects) {
    names.set(`${project}.${zone}`, names.get(`${project}.${zone}`) ?? []);
    for (const [label, { addresses, service }] of labels) {
      if (service) services.set(label, [...(services.get(label) ?? []), addresses]);
      names.set(`${label}.${project}.${zone}`, addresses);
    }
  }
  for (const [service, owners] of services) {
    // A service called `db.shop` does not take the place of project shop's db.
    if (service.includes(".") && names.has(`${service}.${zone}`)) continue;
    names.set(`${service}.${zone}`, owners.length === 1 ? owners[0] ?? [] : []);
  }
  if (asker !== null) addSearched(names, projects, hosts, asker.project.toLowerCase(), zone);
  addParents(names, zone);
  return names;
}

function namesByProject(
  visible: readonly NamedHost[],
  asker: Asker | null,
): Map<string, ProjectNames> {
  const shared = new Set(asker?.networks ?? []);
  const projects = new Map<string, ProjectNames>();
  for (const host of visible) {
    const project = host.project.toLowerCase();
    const labels: ProjectNames = projects.get(project) ?? new Map();
    projects.set(project, labels);
    const own = new Set([host.service.toLowerCase(), host.containerName.toLowerCase()]);
    for (const { network, aliases } of host.networks) {
      if (shared.has(network)) { for (const alias of aliases) own.add(alias.toLowerCase()); }
    }
    for (const label of own) {
      const known = labels.get(label) ?? { addresses: [], service: false };
      if (host.serving && !known.addresses.includes(host.address)) {
        known.addresses.push(host.address);
      }
      known.service ||= label === host.service.toLowerCase();
      labels.set(label, known);
    }
  }
  return projects;
}

/** What the search domain `OWN.zone` and a bare name lead to. */
function addSearched(
  names: Names,
  projects: ReadonlyMap<string, ProjectNames>,
  hosts: readonly NamedHost[],
  own: string,
  zone: string,
): void {
  names.set(`${own}.${zone}`, names.get(`${own}.${zone}`) ?? []);
  // A service of the own project that the asker does not reach is not answered by a stranger's.
  const taken = new Set<string>(projects.get(own)?.keys() ?? []);
  for (const host of hosts) {
    if (host.project.toLowerCase() === own) taken.add(host.service.toLowerCase());
  }
  const foreign = new Map<string, string[][]>();
  for (const [project, labels] of projects) {
    for (const [label, { addresses }] of labels) {
      if (project === own) setBare(names, label, addresses, zone);
      else if (!taken.has(label)) {
        foreign.set(label, [...(foreign.get(label) ?? []), addresses]);
      }
    }
  }
  for (const [label, owners] of foreign) {
    const addresses = owners.length === 1 ? owners[0] ?? [] : [];
    names.set(`${label}.${own}.${zone}`, addresses);
    setBare(names, label, addresses, zone);
  }
}

/** A bare name; an alias within the zone would take the place of another's name there. */
function setBare(names: Names, label: string, addresses: string[], zone: string): void {
  if (label !== zone && !label.endsWith(`.${zone}`)) names.set(label, addresses);
}

/** A name between the zone and a name of several labels exists too (RFC 8020). */
function addParents(names: Names, zone: string): void {
  for (const name of [...names.keys()]) {
    if (!name.endsWith(`.${zone}`)) continue;
    let parent = name.slice(name.indexOf(".") + 1);
    while (parent.length > zone.length && !names.has(parent)) {
      names.set(parent, []);
      parent = parent.slice(parent.indexOf(".") + 1);
    }
  }
}
