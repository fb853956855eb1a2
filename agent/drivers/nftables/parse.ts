/** Reading `nft -j list table`: our notes, the published ports, and the tables without what varies. */
import { z } from "zod";
import { canonicalJson, sha256 } from "../../../shared/model/hash.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { PublishedSeen } from "./driver.ts";
import { DIGEST_COMMENT, NOTES_CHAIN, SEAL_COMMENT } from "./render.ts";

const Listing = z.object({ nftables: z.array(z.record(z.string(), z.unknown())) });
const Rule = z.object({ rule: z.object({ chain: z.string(), comment: z.string().optional() }) });
const AnyElement = z.object({ concat: z.tuple([z.enum(["tcp", "udp"]), z.int()]) });
const AtElement = z.object({ concat: z.tuple([z.ipv4(), z.enum(["tcp", "udp"]), z.int()]) });
const Target = z.object({ concat: z.tuple([z.ipv4(), z.int()]) });
const PortMap = z.object({
  map: z.object({
    name: z.enum(["published", "published_at"]),
    elem: z.array(z.tuple([z.union([AnyElement, AtElement]), Target])).optional(),
  }),
});

/** A published port and the container that it leads to. */
export interface PublishedLine extends PublishedSeen {
  readonly address: string;
  readonly containerPort: number;
}

/** What one listing says. */
export interface ListedTable {
  readonly digest: string | null;
  readonly seal: string | null;
  readonly published: readonly PublishedLine[];
  /** The table without handles, order of elements, and our seal: equal content is equal text. */
  readonly content: string;
}

/** Parses the output of `nft -j list table FAMILY NAME`. */
export function parseListing(output: string): ListedTable {
  const objects = Listing.safeParse(readJson(output));
  if (!objects.success) throw unreadable();
  let digest: string | null = null;
  let seal: string | null = null;
  const published: PublishedLine[] = [];
  const content: unknown[] = [];
  for (const object of objects.data.nftables) {
    if ("metainfo" in object) continue;
    const rule = Rule.safeParse(object);
    if (rule.success && rule.data.rule.chain === NOTES_CHAIN) {
      const comment = rule.data.rule.comment ?? "";
      if (comment.startsWith(DIGEST_COMMENT)) digest = comment.slice(DIGEST_COMMENT.length);
      if (comment.startsWith(SEAL_COMMENT)) {
        seal = comment.slice(SEAL_COMMENT.length);
        continue;
      }
    }
    const map = PortMap.safeParse(object);
    if (map.success) {
      for (const [{ concat }, target] of map.data.map.elem ?? []) {
        const [address, containerPort] = target.concat;
        published.push({ ...publishedOf(concat), address, containerPort });
      }
    }
    content.push(normalise(object));
  }
  return { digest, seal, published, content: canonicalJson(content) };
}

/** The hash that seals both tables together. */
export function sealOf(inet: ListedTable, bridge: ListedTable): string {
  return sha256(`${inet.content}\n${bridge.content}`);
}

function publishedOf(
  key: readonly ["tcp" | "udp", number] | readonly [string, "tcp" | "udp", number],
): PublishedSeen {
  return key.length === 2
    ? { hostAddress: null, protocol: key[0], hostPort: key[1] }
    : { hostAddress: key[0], protocol: key[1], hostPort: key[2] };
}

/** Handles change with every load, and the kernel lists elements in any order. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => key !== "handle").map(([key, inner]) => {
      const plain = normalise(inner);
      return [
        key,
        (key === "elem" || key === "set") && Array.isArray(plain) ? sortByText(plain) : plain,
      ];
    }),
  );
}

function sortByText(values: readonly unknown[]): readonly unknown[] {
  return values.map((value) => ({ value, text: JSON.stringify(value) }))
    .sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ value }) => value);
}

function readJson(output: string): unknown {
  try {
    return JSON.parse(output);
  } catch {
    throw unreadable();
  }
}

function unreadable(): SkerryError {
  return new SkerryError(
    "nft_output",
    'cannot read what "nft -j list table" printed',
    "check that nftables 1.0 or newer is installed: nft --version",
  );
}
