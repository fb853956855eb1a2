import assert from "node:assert/strict";
import { removalArguments } from "../setup/netavark_rules.ts";

const NAT = `-P POSTROUTING ACCEPT
-N NETAVARK-AAA
-A POSTROUTING -j NETAVARK-HOSTPORT-MASQ
-A POSTROUTING -s 10.1.0.0/24 -j NETAVARK-AAA
-A POSTROUTING -s 10.2.0.0/24 -j NETAVARK-BBB
-A NETAVARK-AAA -d 10.1.0.0/24 -j ACCEPT
-A NETAVARK-HOSTPORT-MASQ -m comment --comment "netavark portfw masq mark" -j MASQUERADE
`;
const FILTER = `-A FORWARD -m comment --comment "netavark firewall plugin rules" -j NETAVARK_FORWARD
-A NETAVARK_FORWARD -d 10.1.0.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A NETAVARK_FORWARD -s 10.1.0.0/24 -j ACCEPT
-A NETAVARK_FORWARD -s 10.2.0.0/24 -j ACCEPT
`;

Deno.test("a network's rules and chain go, those of others and the shared ones stay", () => {
  assert.deepEqual(
    removalArguments({ nat: NAT, filter: FILTER }, ["10.1.0.0/24"]).map((args) => args.join(" ")),
    [
      "-t nat -D POSTROUTING -s 10.1.0.0/24 -j NETAVARK-AAA",
      "-t nat -F NETAVARK-AAA",
      "-t nat -X NETAVARK-AAA",
      "-t filter -D NETAVARK_FORWARD -d 10.1.0.0/24 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
      "-t filter -D NETAVARK_FORWARD -s 10.1.0.0/24 -j ACCEPT",
    ],
  );
  assert.deepEqual(removalArguments({ nat: NAT, filter: FILTER }, []), []);
});
