/** Parts of what the client sends. */
import type { Sent } from "./calls.ts";

type Headers = Readonly<Record<string, string>>;

/** A repeat with the same key is answered as the first was. */
export function repeatable(idempotencyKey: string | undefined): Headers {
  return idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
}

/** Refused where what is changed is not any more what it was looked at. */
export function onlyIf(etag: string | undefined): Headers {
  return etag === undefined ? {} : { "if-match": etag };
}

/** A JSON body. */
export function asJson(value: unknown): Pick<Sent, "body" | "contentType"> {
  return { body: JSON.stringify(value), contentType: "application/json" };
}

/** A body of bytes. */
export function octets(content: Uint8Array<ArrayBuffer>): Pick<Sent, "body" | "contentType"> {
  return { body: content, contentType: "application/octet-stream" };
}
