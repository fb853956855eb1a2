/** `mac_address` of a service: some programs are licensed to one. */
import { type ComposeService, replicasOf } from "./model.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import type { Entry } from "./tree.ts";

const FORM = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;

/** To be called once the service's network and replicas are read. */
export function readMacAddress(
  reading: Reading,
  entry: Entry | undefined,
  service: ComposeService,
): void {
  if (entry === undefined) return;
  const { problems, scalars } = reading;
  const address = scalars.text(entry.value, "mac_address");
  if (address === undefined) return;
  const wrong = (what: string, remedy: string) =>
    problems.report(entry.value.at, "value", `"mac_address" ${what}`, remedy);
  if (!FORM.test(address)) {
    return wrong(`cannot be ${quoted(address)}`, "write six pairs such as 02:42:ac:11:00:02");
  }
  // The lowest bit of the first pair says that it is of many.
  if (parseInt(address.slice(0, 2), 16) % 2 === 1 || /^(00[:-]){5}00$/.test(address)) {
    return wrong(
      `${quoted(address)} is not that of one interface`,
      "write one that begins with 02",
    );
  }
  if (service.network_mode !== undefined) {
    return wrong("and network_mode do not go together", "keep one of them");
  }
  if (replicasOf(service) > 1) {
    return wrong("cannot be that of several replicas", "write one replica, or leave it out");
  }
  service.mac_address = address;
}

/** As the engine takes it, and as two that are the same look the same. */
export function plainMacAddress(address: string): string {
  return address.toLowerCase().replaceAll("-", ":");
}
