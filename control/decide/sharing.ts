/** Whose namespaces a service lives in, followed to whom they are in the end. Pure. */
import type { Warning } from "../../shared/api/release.ts";
import { type ComposeModel, type ComposeService, replicasOf } from "../../shared/compose/model.ts";
import { sharedService } from "../../shared/compose/shared_namespaces.ts";
import {
  ServiceName,
  type ServiceSpec,
  type SharedKind,
  type Shares,
} from "../../shared/model/service_spec.ts";
import type { Fault } from "./fault.ts";
import { ownValue } from "../../shared/own_value.ts";

/** As many services may share in a row; nobody chains more than a few. */
const MAX_STEPS = 100;

const KEYS = { network: "network_mode", ipc: "ipc", pid: "pid" } as const;

/** The service whose namespace it is (itself where it shares none); its own key says what that is. */
export function ownerOf(
  model: ComposeModel,
  name: string,
  kind: SharedKind,
): { readonly name: string; readonly service: ComposeService | undefined } {
  let at = name;
  // The reader refuses circles; the model of another client is still followed to an end only.
  for (let steps = 0; steps < MAX_STEPS; steps++) {
    const next = sharedService(ownValue(model.services, at)?.[KEYS[kind]]);
    if (next === null) break;
    at = next;
  }
  return { name: at, service: ownValue(model.services, at) };
}

/** undefined: it shares none. What is the host's, or nobody's, is so without an owner. */
export function sharesOf(model: ComposeModel, name: string): Shares | undefined {
  const own = ownValue(model.services, name);
  const shares: Shares = {};
  for (const kind of ["network", "ipc", "pid"] as const) {
    if (sharedService(own?.[KEYS[kind]]) === null) continue;
    const owner = ownerOf(model, name, kind);
    const value = owner.service?.[KEYS[kind]];
    const apart = value === "host" || kind === "network" && value === "none";
    const service = ServiceName.safeParse(owner.name);
    if (owner.name !== name && !apart && service.success) shares[kind] = service.data;
  }
  return Object.keys(shares).length === 0 ? undefined : shares;
}

/** The services in whose networks others live. */
export function networkHosts(model: ComposeModel): ReadonlySet<string> {
  const hosts = new Set<string>();
  for (const name of Object.keys(model.services)) {
    const host = sharesOf(model, name)?.network;
    if (host !== undefined) hosts.add(host);
  }
  return hosts;
}

/**
 * Services that live in namespaces of those that are replaced, sorted: the agent makes their
 * containers anew in the replacement, and the release waits until they are well again.
 */
export function followersOf(
  model: ComposeModel,
  replaced: ReadonlySet<string>,
): readonly { readonly name: string; readonly warning: Warning }[] {
  if (replaced.size === 0) return [];
  return Object.keys(model.services).sort().flatMap((name) => {
    const hosts: string[] = Object.values(sharesOf(model, name) ?? {});
    const gone = [...new Set(hosts)].filter((each) => replaced.has(each)).sort();
    if (gone.length === 0) return [];
    const them = gone.map((each) => `"${each}"`).join(" and ");
    const warning = {
      code: "follows",
      message: `the containers of service "${name}" are made anew after that of ${them}, ` +
        "whose namespaces they live in",
      remedy: "They do not serve for as long as their start takes.",
    };
    return [{ name, warning }];
  });
}

/** Whom nobody can share with: a client other than the reader may have written it. */
export function sharingFaults(model: ComposeModel, name: string, spec: ServiceSpec): Fault[] {
  return Object.values(spec.shares ?? {}).flatMap((host): Fault[] => {
    const service = Object.hasOwn(model.services, host) ? model.services[host] : undefined;
    if (service !== undefined && replicasOf(service) <= 1) return [];
    return [{
      code: "share_impossible",
      detail: service === undefined
        ? `service "${name}" lives in a namespace of "${host}", which does not exist`
        : `service "${name}" lives in a namespace of "${host}", of which several run`,
      remedy: "Name a service of the project that has one replica.",
    }];
  });
}
