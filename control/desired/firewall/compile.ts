import type { FirewallSection } from "../../../shared/model/sections.ts";
import { by, type ProjectIntent } from "../intent.ts";

/** Who is on which network, and which ports of the host lead to whom. */
export function compileFirewall(of: ProjectIntent): FirewallSection {
  // Who goes keeps its place until its node reports it gone: the proxy leads to it for a while yet.
  const here = of.deployments.toSorted(by((each) => each.row.id));
  const staying = here.filter((each) => each.row.want !== "absent");
  const internal = new Map(of.networks.map((network) => [network.key, network.internal]));
  const used = new Set(
    here.flatMap((each) => each.revision.spec.networks.map((network) => network.network)),
  );
  return {
    capability: "firewall",
    project: of.project.id,
    projectName: of.project.name,
    networks: [...used].sort().map((network) => ({
      network,
      internal: internal.get(network) ?? false,
    })),
    members: here.flatMap(({ row, revision, addresses }) =>
      addresses.map((address) => ({
        deployment: row.id,
        address,
        networks: revision.spec.networks.map((each) => each.network).sort(),
      }))
    ),
    published: staying.flatMap(({ row, revision, addresses }) =>
      addresses.slice(0, 1).flatMap((address) =>
        revision.spec.ports.map((port) => ({ deployment: row.id, address, port }))
      )
    ),
  };
}
