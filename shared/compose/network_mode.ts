/** `network_mode`: the host's own network, or none at all, instead of networks. */
import type { ComposeService } from "./model.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { type Entry, isNull } from "./tree.ts";

const REMEDY = "write host or none, or leave it out; networks says what the service joins";

/** Puts the mode into the service, whose networks it takes away; its ports are not published. */
export function readNetworkMode(
  reading: Reading,
  name: string,
  fields: ReadonlyMap<string, Entry>,
  service: ComposeService,
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
        `the network mode ${
          quoted(mode)
        } is not carried out yet: every container has an address of its own`,
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
  // What is not published is not claimed either.
  for (const publication of reading.publications.filter((each) => each.service === name)) {
    reading.publications.splice(reading.publications.indexOf(publication), 1);
  }
}
