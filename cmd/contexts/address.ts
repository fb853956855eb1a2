/** The address of a control plane, as it was written. Pure. */
import { UsageError } from "../usage_error.ts";

const DEFAULT_PORT = 7443;

export interface ControlAddress {
  readonly url: string;
  readonly hostname: string;
  readonly port: number;
}

/** `https://box:7443`, `box:7443` or `box`. Throws UsageError. */
export function controlAddress(written: string): ControlAddress {
  const bare = !written.includes("://");
  const refuse = (why: string) =>
    new UsageError(
      `${JSON.stringify(written.slice(0, 200))} is no address of a control plane: ${why}`,
      "write it like https://box:7443",
    );
  let url: URL;
  try {
    url = new URL(bare ? `https://${written}` : written);
  } catch {
    throw refuse("it is no URL");
  }
  if (url.protocol !== "https:") throw refuse("only https is spoken");
  if (url.username !== "" || url.password !== "") throw refuse("it holds a user or a password");
  if (url.search !== "" || url.hash !== "" || url.pathname !== "/") throw refuse("it has a path");
  // A URL hides the port that is its scheme's own.
  const named = /:\d+\/?$/.test(written);
  const port = url.port !== "" ? Number(url.port) : bare && !named ? DEFAULT_PORT : 443;
  const { hostname } = url;
  return {
    url: `https://${hostname}${port === 443 ? "" : `:${port}`}`,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port,
  };
}

/** A name for it: the host's first label, or its address. */
export function contextNameFor({ hostname }: ControlAddress): string {
  const label = /^[\d.]+$|:/.test(hostname)
    ? hostname.replaceAll(":", "-")
    : hostname.split(".")[0];
  return (label ?? "").toLowerCase().replaceAll(/[^a-z0-9._-]/g, "-").replace(/^[^a-z0-9]+/, "")
    .slice(0, 63) || "box";
}

/** A fingerprint as people write it: with or without colons and `SHA256:`, in any case; null: none. */
export function fingerprintFrom(written: string): string | null {
  const digits = written.trim().replace(/^sha-?256[:=]/i, "").replaceAll(/[:\s]/g, "")
    .toUpperCase();
  return /^[0-9A-F]{64}$/.test(digits) ? (digits.match(/../g) ?? []).join(":") : null;
}
