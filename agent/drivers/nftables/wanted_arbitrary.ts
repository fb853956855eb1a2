/** Any wanted state that is fit to be written, for property tests. */
import fc from "fast-check";
import type { FirewallWanted } from "./driver.ts";

/** Addresses 10.215.0.2 to 10.215.0.61, up to 12 networks with names that try to break out. */
export function anyWanted(): fc.Arbitrary<FirewallWanted> {
  const address = fc.integer({ min: 2, max: 61 }).map((last) => `10.215.0.${last}`);
  const network = fc.oneof(
    fc.integer({ min: 0, max: 9 }).map((n) => `p/net${n}`),
    fc.constantFrom('"; flush ruleset', "}\n}\ntable inet evil {"),
  );
  const port = fc.integer({ min: 1, max: 65_535 });
  return fc.record({
    table: fc.constant("skerry_t"),
    bridge: fc.constantFrom("sk-main", "sk-0a1b2c"),
    gateway: fc.constant("10.215.0.1"),
    subnet: fc.constant("10.215.0.0/24"),
    fleetRanges: fc.subarray(["10.215.0.0/16", "10.100.0.0/16", "10.215.0.0/24"]),
    members: fc.uniqueArray(
      fc.record({
        address,
        networks: fc.array(network, { maxLength: 4 }),
        external: fc.boolean(),
      }),
      { maxLength: 60, selector: (member) => member.address },
    ),
    published: fc.uniqueArray(
      fc.record({
        hostAddress: fc.constantFrom(null, "127.0.0.1", "198.18.0.1"),
        hostPort: port,
        protocol: fc.constantFrom("tcp" as const, "udp" as const),
        address,
        containerPort: port,
      }),
      {
        maxLength: 20,
        selector: (item) => `${item.hostAddress} ${item.protocol} ${item.hostPort}`,
      },
    ),
    nodePorts: fc.uniqueArray(
      fc.record({ from: address, protocol: fc.constantFrom("tcp" as const, "udp" as const), port }),
      { maxLength: 20, selector: (item) => `${item.from} ${item.protocol} ${item.port}` },
    ),
  });
}
