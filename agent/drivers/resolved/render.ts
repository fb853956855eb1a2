/** The calls to systemd-resolved (org.freedesktop.resolve1(5)) as argv of busctl. Pure. */
import type { ResolvedWanted } from "./driver.ts";

const SERVICE = "org.freedesktop.resolve1";
const OBJECT = "/org/freedesktop/resolve1";
const AF_INET = "2";

/** It never starts resolved, and it never hangs. */
const BUSCTL = ["busctl", "--auto-start=no", "--timeout=5", "--json=short", "call"];

/** Does resolved run? */
export function askOwned(): readonly string[] {
  const bus = "org.freedesktop.DBus";
  return [...BUSCTL, bus, "/org/freedesktop/DBus", bus, "NameHasOwner", "s", SERVICE];
}

/** All that resolved knows of a link. */
export function askLink(index: number): readonly string[] {
  const digits = String(index);
  // A path's label begins with no digit (sd_bus_path_encode(3)).
  const label = `_3${digits.slice(0, 1)}${digits.slice(1)}`;
  const properties = ["org.freedesktop.DBus.Properties", "GetAll", "s", `${SERVICE}.Link`];
  return [...BUSCTL, SERVICE, `${OBJECT}/link/${label}`, ...properties];
}

/**
 * Everything that a link is told. The server comes last: before that there is nobody to ask, so no
 * question of the host that is not for us ever comes our way.
 */
export function tellLink(
  index: number,
  { zone, port }: Omit<ResolvedWanted, "link">,
): readonly (readonly string[])[] {
  const tell = (method: string, signature: string, ...rest: string[]) => [
    ...[...BUSCTL, SERVICE, OBJECT, `${SERVICE}.Manager`],
    ...[method, signature, String(index), ...rest],
  ];
  return [
    tell("SetLinkDefaultRoute", "ib", "false"),
    tell("SetLinkLLMNR", "is", "no"),
    tell("SetLinkMulticastDNS", "is", "no"),
    // Whatever holds for the host: our server has neither certificate nor signatures.
    tell("SetLinkDNSOverTLS", "is", "no"),
    tell("SetLinkDNSSEC", "is", "no"),
    tell("SetLinkDomains", "ia(sb)", "1", zone, "true"),
    tell("SetLinkDNSEx", "ia(iayqs)", "1", AF_INET, "4", "127", "0", "0", "1", String(port), ""),
  ];
}
