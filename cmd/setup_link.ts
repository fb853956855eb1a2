/** Tells whoever starts Skerry how the first administrator is made. */
import { hostname } from "node:os";
import type { ControlApp } from "../control/app.ts";
import type { Log } from "../shared/log.ts";
import type { ListenAddress } from "./flags.ts";

/** The page as this host calls itself. */
export function pageUrl({ hostname: listening, port }: ListenAddress): string {
  const everywhere = ["0.0.0.0", "::", "[::]"].includes(listening);
  const name = everywhere ? hostname() : listening;
  const host = name.includes(":") && !name.startsWith("[") ? `[${name}]` : name;
  return port === 443 ? `https://${host}` : `https://${host}:${port}`;
}

/**
 * On a terminal the link itself; elsewhere how to get one, since logs are read by others than root.
 * Nothing where there is an administrator.
 */
export function tellOfSetup(app: Pick<ControlApp, "createSetupLink">, log: Log): void {
  const link = app.createSetupLink();
  if (link === null) return;
  if (!Deno.stderr.isTerminal()) {
    log.info("there is no administrator yet", { do: "skerry user setup-link" });
    return;
  }
  const text =
    "\nThere is no administrator yet. Open this link once, within a day, to make one:\n\n" +
    `  ${link.url}\n\n`;
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}
