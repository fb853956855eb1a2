/** `extra_hosts` of a service or a build. */
import { isIP } from "node:net";
import type { Read } from "./fields.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import type { Node } from "./tree.ts";

/** Names with their addresses, `name=address`, sorted. */
export function readExtraHosts(reading: Reading): Read<string[]> {
  const { problems } = reading;
  return (node, label) => {
    const found = new Set<string>();
    const add = (at: Node, name: string, address: string) => {
      const bare = address.replace(/^\[(.*)\]$/, "$1");
      if (bare === "host-gateway") {
        problems.report(
          at.at,
          "not-carried-out",
          '"host-gateway" is not carried out yet: containers reach nothing on their own host',
          "run it as a service and use its name, or write the address of another machine",
        );
      } else if (!/^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,252})$/.test(name) || isIP(bare) === 0) {
        problems.report(
          at.at,
          "extra-hosts",
          `${quoted(`${name}=${address}`)} is no name with its address`,
          'write "name=192.0.2.10"',
        );
      } else {
        found.add(`${name}=${bare}`);
      }
    };
    if (node.kind === "map") {
      for (const [name, { value }] of node.entries) {
        for (const item of value.kind === "list" ? value.items : [value]) {
          add(item, name, item.kind === "scalar" ? String(item.value) : "");
        }
      }
    } else {
      for (const item of node.kind === "list" ? node.items : [node]) {
        const text = item.kind === "scalar" ? String(item.value) : "";
        const cut = text.includes("=") ? text.indexOf("=") : text.indexOf(":");
        if (cut < 1) add(item, label, text);
        else {for (const address of text.slice(cut + 1).split(",")) {
            add(item, text.slice(0, cut), address);
          }}
      }
    }
    return [...found].sort();
  };
}
