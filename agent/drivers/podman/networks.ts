/** The one Podman network of a home: a bridge with a fixed subnet, without Podman's own DNS. */
import { InspectedNetwork, RemovedNetworks } from "./answers.ts";
import { podmanError } from "./errors.ts";
import { parseAnswer, type Transport } from "./transport.ts";

export interface NetworkSpec {
  readonly name: string;
  /** Interface name, at most 15 characters. */
  readonly bridge: string;
  readonly subnet: string;
  readonly gateway: string;
}

export interface NetworkCalls {
  ensure(network: NetworkSpec, signal?: AbortSignal): Promise<void>;
  exists(name: string, signal?: AbortSignal): Promise<boolean>;
  remove(name: string, signal?: AbortSignal): Promise<void>;
}

/** The body of POST /networks/create. Pure. */
export function renderNetworkBody(network: NetworkSpec): Record<string, unknown> {
  return {
    name: network.name,
    driver: "bridge",
    dns_enabled: false,
    internal: false,
    network_interface: network.bridge,
    subnets: [{ subnet: network.subnet, gateway: network.gateway }],
  };
}

/** What of a network that is there is not as wanted; empty: nothing. Pure. */
export function networkDifferences(
  there: {
    readonly network_interface?: string | undefined;
    readonly subnets?:
      | readonly { subnet: string; gateway?: string | undefined }[]
      | null
      | undefined;
  },
  wanted: NetworkSpec,
): readonly string[] {
  const subnet = there.subnets?.[0];
  const pairs: readonly (readonly [string, string | undefined, string])[] = [
    ["bridge", there.network_interface, wanted.bridge],
    ["subnet", subnet?.subnet, wanted.subnet],
    ["gateway", subnet?.gateway, wanted.gateway],
  ];
  return pairs.filter(([, is, should]) => is !== should)
    .map(([what, is, should]) => `its ${what} is "${is ?? ""}", wanted is "${should}"`);
}

export function createNetworkCalls(transport: Transport): NetworkCalls {
  const pathOf = (name: string, rest: string): string =>
    `/networks/${encodeURIComponent(name)}${rest}`;

  const inspect = async (name: string, signal?: AbortSignal) => {
    const doing = `looking at the network "${name}"`;
    const path = pathOf(name, "/json");
    const answer = await transport.call({ doing, method: "GET", path, signal }, [404]);
    return answer.status === 404 ? null : parseAnswer(InspectedNetwork, answer.text, doing);
  };

  return {
    async ensure(network, signal) {
      const doing = `making the network "${network.name}"`;
      const there = await inspect(network.name, signal);
      if (there !== null) {
        const differences = networkDifferences(there, network);
        if (differences.length === 0) return;
        throw podmanError("network_differs", doing, differences.join("; "));
      }
      const json = renderNetworkBody(network);
      await transport.call({ doing, method: "POST", path: "/networks/create", json, signal });
    },
    exists: async (name, signal) => await inspect(name, signal) !== null,
    async remove(name, signal) {
      const doing = `removing the network "${name}"`;
      const path = pathOf(name, "");
      const answer = await transport.call({ doing, method: "DELETE", path, signal }, [404]);
      if (answer.status === 404) return;
      const failed = parseAnswer(RemovedNetworks, answer.text, doing)
        .find((removed) => removed.Err !== null && removed.Err !== undefined);
      if (failed !== undefined) {
        throw podmanError("podman_failed", doing, JSON.stringify(failed.Err));
      }
    },
  };
}
