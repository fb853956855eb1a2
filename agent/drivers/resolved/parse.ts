/** Reading what `busctl --json=short` and `ip -j` print. Pure. */
import { z } from "zod";
import { SkerryError } from "../../../shared/errors.ts";
import type { ResolvedWanted } from "./driver.ts";

const AF_INET = 2;

const Owned = z.object({ type: z.literal("b"), data: z.tuple([z.boolean()]) });

const property = <Data extends z.ZodType>(data: Data) => z.object({ data });
/** What we set of a link (org.freedesktop.resolve1(5)); its other properties are passed over. */
const Link = z.object({
  type: z.literal("a{sv}"),
  data: z.tuple([z.object({
    ScopesMask: property(z.number()),
    DNSEx: property(z.array(z.tuple([z.int(), z.array(z.int()), z.int(), z.string()]))),
    Domains: property(z.array(z.tuple([z.string(), z.boolean()]))),
    DefaultRoute: property(z.boolean()),
    LLMNR: property(z.string()),
    MulticastDNS: property(z.string()),
    DNSOverTLS: property(z.string()),
    DNSSEC: property(z.string()),
  })]),
});

const Links = z.array(z.union([
  z.object({
    ifindex: z.int().positive(),
    flags: z.array(z.string()),
    addr_info: z.array(z.object({ local: z.string().optional() })).default([]),
  }),
  z.strictObject({}),
]));

function parsed<Schema extends z.ZodType>(
  schema: Schema,
  text: string,
  program: string,
): z.infer<Schema> {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Told below, like every text that is not as expected.
  }
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  throw new SkerryError(
    "resolved_output",
    `cannot read what "${program}" printed: "${text.trim().slice(0, 200)}"`,
    `check that it is there in a version of its own: ${program} --version`,
  );
}

/** The answer of NameHasOwner. */
export function parseOwned(text: string): boolean {
  return parsed(Owned, text, "busctl").data[0];
}

/** Does a link lead the zone, and nothing else, to our server? Reads all of its properties. */
export function isLed(text: string, { zone, port }: Omit<ResolvedWanted, "link">): boolean {
  const [link] = parsed(Link, text, "busctl").data;
  const [server, ...otherServers] = link.DNSEx.data;
  const [domain, ...otherDomains] = link.Domains.data;
  return link.ScopesMask.data !== 0 &&
    otherServers.length === 0 && server !== undefined &&
    server[0] === AF_INET && server[1].join(".") === "127.0.0.1" && server[2] === port &&
    otherDomains.length === 0 && domain !== undefined &&
    domain[0] === zone && domain[1] &&
    !link.DefaultRoute.data &&
    [link.LLMNR, link.MulticastDNS, link.DNSOverTLS, link.DNSSEC].every(({ data }) =>
      data === "no"
    );
}

/** An interface as far as we care. */
export interface LinkState {
  readonly index: number;
  /** Up, with carrier and an address: else resolved leaves it out. */
  readonly usable: boolean;
}

/** The one interface that `ip -j address show dev NAME` prints. */
export function parseLink(text: string): LinkState | null {
  // `ip -j` prints an empty object where a filter hides an entry.
  for (const link of parsed(Links, text.trim() === "" ? "[]" : text, "ip")) {
    if (!("ifindex" in link)) continue;
    const up = link.flags.includes("UP") && link.flags.includes("LOWER_UP");
    return { index: link.ifindex, usable: up && link.addr_info.length > 0 };
  }
  return null;
}
