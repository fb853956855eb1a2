/** Reading `ip -j -d address show`. Pure. */
import { z } from "zod";
import { SkerryError } from "../../../shared/errors.ts";

const Link = z.object({
  ifname: z.string(),
  flags: z.array(z.string()),
  address: z.string().optional(),
  master: z.string().optional(),
  linkinfo: z.object({
    info_kind: z.string().optional(),
    info_slave_data: z.object({ hairpin: z.boolean().optional() }).optional(),
  }).optional(),
  addr_info: z.array(z.object({
    family: z.string(),
    local: z.string().optional(),
    prefixlen: z.int(),
  })).default([]),
});

/** An interface as far as we care. */
export interface LinkSeen {
  readonly name: string;
  readonly kind: string | null;
  readonly up: boolean;
  readonly carrier: boolean;
  readonly mac: string | null;
  /** The bridge that it belongs to. */
  readonly master: string | null;
  /** A port that may get back what it sent. */
  readonly hairpin: boolean;
  /** IPv4, `address/length`. */
  readonly addresses: readonly string[];
}

/** Parses the list that `ip -j -d address show` prints; nothing printed is an empty list. */
export function parseLinks(output: string): readonly LinkSeen[] {
  let json: unknown;
  try {
    json = output.trim() === "" ? [] : JSON.parse(output);
  } catch {
    throw unreadable();
  }
  // `ip -j` prints an empty object where a name filter hides an entry.
  const list = z.array(z.union([Link, z.strictObject({})])).safeParse(json);
  if (!list.success) throw unreadable();
  return list.data.flatMap((link) =>
    "ifname" in link
      ? [{
        name: link.ifname,
        kind: link.linkinfo?.info_kind ?? null,
        up: link.flags.includes("UP"),
        carrier: link.flags.includes("UP") && link.flags.includes("LOWER_UP"),
        mac: link.address ?? null,
        master: link.master ?? null,
        hairpin: link.linkinfo?.info_slave_data?.hairpin ?? false,
        addresses: link.addr_info.flatMap((address) =>
          address.family === "inet" && address.local !== undefined
            ? [`${address.local}/${address.prefixlen}`]
            : []
        ),
      }]
      : []
  );
}

function unreadable(): SkerryError {
  return new SkerryError(
    "ip_output",
    'cannot read what "ip -j address show" printed',
    "check that iproute2 is installed: ip -V",
  );
}
