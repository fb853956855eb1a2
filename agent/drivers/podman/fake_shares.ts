/** Namespaces in the fake Podman: whose a container is in, and who keeps it from being removed. */
import type { SharedKind } from "../../../shared/model/service_spec.ts";
import { podmanError } from "./errors.ts";
import type { FakeContainer } from "./fake_state.ts";

/** The namespaces of a container that starts; with another that does not run it cannot. */
export function enterNamespaces(
  container: FakeContainer,
  find: (id: string) => FakeContainer | null,
): Record<SharedKind, string> {
  const { name, shares = {} } = container.create;
  const spaceOf = (kind: SharedKind): string => {
    const id = shares[kind];
    if (id === undefined) return String(container.pid);
    const host = find(id);
    if (host?.state === "running") return host.namespaces[kind];
    throw podmanError("podman_failed", `starting "${name}"`, `${id} is not running`);
  };
  return { network: spaceOf("network"), ipc: spaceOf("ipc"), pid: spaceOf("pid") };
}

/** Throws where another container lives in a namespace of this one. */
export function checkNobodyWithin(id: string, all: Iterable<FakeContainer>): void {
  for (const { create } of all) {
    if (!Object.values(create.shares ?? {}).includes(id)) continue;
    throw podmanError("podman_failed", `removing "${id}"`, `${create.name} depends on it`);
  }
}
