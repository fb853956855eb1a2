/** The files that pages load, under an address that changes with their content. */
import { stripTypeScriptTypes } from "node:module";
import { sha256 } from "../../shared/model/hash.ts";
import { ASSETS, type AssetSource, PACKAGES } from "../../ui/assets/assets.ts";
import { type Coding, codingOf, compressed } from "./compress.ts";

const TYPES: Readonly<Record<AssetSource["kind"], string>> = {
  client: "text/javascript; charset=utf-8",
  script: "text/javascript; charset=utf-8",
  style: "text/css; charset=utf-8",
  image: "image/svg+xml",
};

export interface Assets {
  /** Where a file is; throws for a name that there is none of. */
  address(name: string): string;
  /** Null: there is no such file. */
  respond(request: Request, path: string): Response | null;
}

/** A client module as browsers run it. */
function browserText({ kind, text }: AssetSource): string {
  if (kind !== "client") return text;
  const plain = stripTypeScriptTypes(text);
  return plain.replaceAll(
    /(\bfrom\s*)"([^".][^"]*)"/g,
    (whole, from: string, name: string) =>
      PACKAGES[name] === undefined ? whole : `${from}"./${PACKAGES[name]}"`,
  );
}

/** Each file is made ready when it is first asked for, and kept as browsers take it: compressed. */
export function createAssets(): Assets {
  // One hash over all: modules import each other by names beside their own.
  const hash = sha256(JSON.stringify(ASSETS)).slice(0, 16);
  const kept = new Map<string, Uint8Array<ArrayBuffer>>();
  const encoder = new TextEncoder();
  function inCoding(name: string, source: AssetSource, coding: Coding): Uint8Array<ArrayBuffer> {
    const known = kept.get(`${coding} ${name}`);
    if (known !== undefined) return known;
    const bytes = encoder.encode(browserText(source));
    if (coding === null) return bytes;
    const made = compressed(bytes, coding);
    kept.set(`${coding} ${name}`, made);
    return made;
  }
  return {
    address(name) {
      if (!Object.hasOwn(ASSETS, name)) throw new RangeError(`there is no asset "${name}"`);
      return `/assets/${hash}/${name}`;
    },
    respond(request, path) {
      const name = /^\/assets\/[0-9a-f]{16}\/([\w.-]+)$/.exec(path)?.[1] ?? "";
      const source = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
      if (source === undefined) return null;
      const coding = codingOf(request);
      const body = inCoding(name, source, coding);
      // Of another version: right for now, but not to be kept under that address.
      const current = path === `/assets/${hash}/${name}`;
      return new Response(request.method === "HEAD" ? null : body, {
        headers: {
          "content-type": TYPES[source.kind],
          "cache-control": current ? "public, max-age=31536000, immutable" : "no-store",
          "x-content-type-options": "nosniff",
          "cross-origin-resource-policy": "same-origin",
          "vary": "accept-encoding",
          ...(coding === null ? {} : { "content-encoding": coding }),
        },
      });
    },
  };
}
