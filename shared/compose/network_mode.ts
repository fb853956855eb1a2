/** `network_mode`: the host's network, another service's, or none at all, instead of networks. */
import type { ComposeService } from "./model.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { type Gathering, sharedOf } from "./shared_namespaces.ts";
import { type Entry, isNull } from "./tree.ts";

const REMEDY =
  "write host, none or service:NAME, or leave it out; networks says what the service joins";
/** What comes with a network and cannot be another one within it. */
const OF_ITS_HOST = ["dns", "dns_search", "dns_opt", "extra_hosts"] as const;

/** Puts the mode into the service, whose networks it takes away; its ports are not published. */
export function readNetworkMode(
  reading: Reading,
  name: string,
  fields: ReadonlyMap<string, Entry>,
  service: ComposeService,
  gathered: Gathering,
): void {
  const entry = fields.get("network_mode");
  if (entry === undefined || isNull(entry.value)) return;
  const { problems } = reading;
  const mode = reading.scalars.text(entry.value, "network_mode");
  if (mode === undefined) return;
  const networks = fields.get("networks");
  if (networks !== undefined) {
    problems.report(
      networks.keyAt,
      "network-mode",
      '"networks" and "network_mode" do not go together',
      "keep one of them",
    );
    return;
  }
  const shared = sharedOf(mode);
  if (shared !== null) {
    gathered.shares.push({ ...shared, service: name, key: "network_mode", at: entry.value.at });
    service.network_mode = `service:${shared.with}`;
    service.networks = {};
    checkShared(reading, fields, shared.with);
    unpublish(reading, name);
    return;
  }
  switch (mode) {
    case "bridge":
      problems.note(
        entry.keyAt,
        "ignored-key",
        '"network_mode: bridge" is the default network of the project here',
      );
      return;
    case "none":
    case "host":
      service.network_mode = mode;
      service.networks = {};
      break;
    default:
      problems.report(
        entry.value.at,
        "not-carried-out",
        `the network mode ${quoted(mode)} is not carried out: there is no such network here`,
        REMEDY,
      );
      return;
  }
  const ports = fields.get("ports");
  if (ports === undefined) return;
  problems.note(
    ports.keyAt,
    "ignored-key",
    `"ports" changes nothing under network_mode: ${mode}`,
    "leave it out",
  );
  unpublish(reading, name);
}

/** Ports, names and their servers are those of the one whose network it is. */
function checkShared(
  reading: Reading,
  fields: ReadonlyMap<string, Entry>,
  host: string,
): void {
  for (const key of ["ports", ...OF_ITS_HOST]) {
    const entry = fields.get(key);
    if (entry === undefined || isNull(entry.value)) continue;
    if (entry.value.kind === "list" && entry.value.items.length === 0) continue;
    reading.problems.report(
      entry.keyAt,
      "network-mode",
      `"${key}" is of the network, which is that of "${host}"`,
      `write it on the service "${host}"`,
    );
  }
}

/** What is not published is not claimed either. */
function unpublish(reading: Reading, name: string): void {
  for (const publication of reading.publications.filter((each) => each.service === name)) {
    reading.publications.splice(reading.publications.indexOf(publication), 1);
  }
}
