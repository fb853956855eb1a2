/** `service:NAME` and `container:NAME` in `network_mode`, `ipc` and `pid`: namespaces of other services. */
import { type ComposeService, replicasOf } from "./model.ts";
import { type Place, type Problems, quoted } from "./problem.ts";
import { nearest } from "./suggest.ts";

/** Where a service says that it shares another's namespace. */
export interface NamespaceUse {
  readonly service: string;
  readonly key: "network_mode" | "ipc" | "pid";
  /** A service by its name, or by the name of its container. */
  readonly by: "service" | "container";
  readonly with: string;
  readonly at: Place;
}

/** What services that share are gathered in, while they are read. */
export interface Gathering {
  readonly shares: NamespaceUse[];
}

/** Whose namespace a value names; null: it is something else. */
export function sharedOf(value: string): Pick<NamespaceUse, "by" | "with"> | null {
  const [, by, name] = /^(service|container):(.+)$/.exec(value) ?? [];
  if (name === undefined) return null;
  return { by: by === "service" ? "service" : "container", with: name };
}

/** The service that a value of the model names; null: none. */
export function sharedService(value: string | undefined): string | null {
  const shared = value === undefined ? null : sharedOf(value);
  return shared?.by === "service" ? shared.with : null;
}

/**
 * Turns names of containers into services of the project, and reports whom nobody can share with.
 * @param readers services as they were read; their keys and dependencies are completed
 */
export function settleShares(
  uses: readonly NamespaceUse[],
  services: Readonly<Record<string, ComposeService>>,
  depend: (service: string, on: string, at: Place) => void,
  problems: Problems,
): void {
  for (const use of uses) {
    const own = Object.hasOwn(services, use.service) ? services[use.service] : undefined;
    if (own === undefined) continue;
    const name = use.by === "service" ? use.with : containerOf(use.with, services);
    if (name === null) {
      const names = Object.values(services).flatMap((each) => each.container_name ?? []);
      const guess = nearest(use.with, names);
      problems.report(
        use.at,
        "unknown-service",
        `no service of these files has the container_name ${quoted(use.with)}`,
        guess === null
          ? "write service:NAME with a service of these files; containers of others cannot be joined"
          : `did you mean "container:${guess}"?`,
      );
      continue;
    }
    own[use.key] = `service:${name}`;
    depend(use.service, name, use.at);
    const host = Object.hasOwn(services, name) ? services[name] : undefined;
    if (host === undefined || name === use.service) continue;
    if (replicasOf(host) > 1) {
      problems.report(
        use.at,
        "replicas",
        `"${use.key}" of "${use.service}" cannot be that of "${name}", of which ${
          replicasOf(host)
        } run`,
        `write one replica of "${name}"`,
      );
    }
    if (use.key === "ipc" && (host.ipc === "private" || host.ipc === "none")) {
      problems.report(
        use.at,
        "value",
        `nobody can join the IPC namespace of "${name}", whose ipc is ${host.ipc}`,
        `write ipc: shareable on "${name}"`,
      );
    }
  }
}

function containerOf(
  name: string,
  services: Readonly<Record<string, ComposeService>>,
): string | null {
  const found = Object.entries(services).find(([, each]) => each.container_name === name);
  return found?.[0] ?? null;
}
