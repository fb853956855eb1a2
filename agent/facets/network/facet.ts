/** Network: Podman's network and the bridge below it, there before the first container. */
import type { HomeLayout } from "../../../shared/home.ts";
import { SkerryError } from "../../../shared/errors.ts";
import { type Bridge, type BridgeWanted, isPortSetting } from "../../drivers/bridge/driver.ts";
import type { Podman } from "../../drivers/podman/driver.ts";
import type { Desired, Facet, Planned, World } from "../../reconcile/world.ts";
import type { NetworkSeen } from "./seen.ts";

export interface NetworkWanted {
  readonly podmanNetwork: string;
  readonly subnet: string;
  readonly bridge: BridgeWanted;
}

export interface NetworkStep {
  readonly kind: "ensure";
  readonly wanted: NetworkWanted;
}

export interface NetworkFacetDeps {
  readonly podman: Pick<Podman, "ensureNetwork" | "networkExists" | "removeNetwork">;
  readonly bridge: Bridge;
  readonly home: Pick<HomeLayout, "bridge" | "podmanNetwork">;
}

export function createNetworkFacet(deps: NetworkFacetDeps): Facet<"network", NetworkStep> {
  return {
    name: "network",
    async observe(desired, signal) {
      const wanted = wantedNetwork(desired, deps.home);
      const bridge = await deps.bridge.observe(wanted.bridge, signal);
      return {
        podmanNetwork: await deps.podman.networkExists(wanted.podmanNetwork, signal),
        bridge: bridge.exists,
        gatewayAssigned: bridge.gatewayAssigned,
        carrier: bridge.carrier,
        wrongSettings: bridge.wrongSettings,
      };
    },
    plan: (world) => [planNetwork(world, deps.home)],
    async execute({ wanted }, _world, signal) {
      const { name, gateway } = wanted.bridge;
      // Podman first: once the bridge has the gateway's address, it says "subnet already used". A
      // bridge without a network is left over (Podman's storage was removed): no container is on it.
      if (!(await deps.podman.networkExists(wanted.podmanNetwork, signal))) {
        await deps.bridge.remove(name, signal);
      }
      await deps.podman.ensureNetwork(
        { name: wanted.podmanNetwork, bridge: name, subnet: wanted.subnet, gateway },
        signal,
      );
      await deps.bridge.ensure(wanted.bridge, signal);
    },
  };
}

/** Takes away what the facet made, once no container is left; for uninstall. Repeats succeed. */
export async function removeNetwork(deps: NetworkFacetDeps, signal?: AbortSignal): Promise<void> {
  await deps.podman.removeNetwork(deps.home.podmanNetwork, signal);
  await deps.bridge.remove(deps.home.bridge, signal);
}

/** Pure. */
export function wantedNetwork(
  desired: Desired,
  home: Pick<HomeLayout, "bridge" | "podmanNetwork">,
): NetworkWanted {
  const { node } = desired;
  const prefixLength = Number(node.containerSubnet.split("/")[1]);
  if (!Number.isInteger(prefixLength)) {
    throw new SkerryError("network_subnet", `not a subnet: "${node.containerSubnet}"`);
  }
  const loopbackPorts = desired.firewall.some((section) =>
    section.published.some(({ port }) => reachesLoopback(port.hostAddress))
  );
  return {
    podmanNetwork: home.podmanNetwork,
    subnet: node.containerSubnet,
    bridge: { name: home.bridge, gateway: node.gateway, prefixLength, loopbackPorts },
  };
}

/** Pure. */
export function planNetwork(
  world: World,
  home: Pick<HomeLayout, "bridge" | "podmanNetwork">,
): Planned<NetworkStep> {
  const seen = world.seen.network;
  const why = whatIsWrong(seen, home);
  const { wrongSettings } = seen;
  const onlyPorts = isThere(seen) && wrongSettings.length > 0 && wrongSettings.every(isPortSetting);
  return {
    subject: "network",
    verdict: why === null ? { kind: "converged" } : {
      kind: "do",
      step: { kind: "ensure", wanted: wantedNetwork(world.desired, home) },
      key: "network",
      // Others may start meanwhile: at a boot each that runs brings such a port.
      phase: onlyPorts ? "publish" : "prepare",
      why,
    },
  };
}

function isThere({ podmanNetwork, bridge, gatewayAssigned, carrier }: NetworkSeen): boolean {
  return podmanNetwork && bridge && gatewayAssigned && carrier;
}

function whatIsWrong(
  seen: NetworkSeen,
  home: Pick<HomeLayout, "bridge" | "podmanNetwork">,
): string | null {
  if (!seen.podmanNetwork) return `Podman's network "${home.podmanNetwork}" is missing`;
  if (!seen.bridge) return `the bridge "${home.bridge}" is missing`;
  if (!seen.gatewayAssigned) return `the bridge "${home.bridge}" has not the gateway's address`;
  if (!seen.carrier) return `the bridge "${home.bridge}" has no carrier`;
  const [setting] = seen.wrongSettings;
  return setting === undefined ? null : `the kernel setting "${setting}" is not as needed`;
}

/** A port that is published on every address is published on 127.0.0.1 too. */
function reachesLoopback(hostAddress: string | undefined): boolean {
  return hostAddress === undefined || hostAddress === "0.0.0.0" || hostAddress.startsWith("127.");
}
