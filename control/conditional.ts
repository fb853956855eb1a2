/** Changes that are made only if nobody else made one since: If-Match. */
import { canonicalJson, sha256 } from "../shared/model/hash.ts";
import { SkerryError } from "../shared/errors.ts";

/** An ETag of what it is made of. */
export function etagOf(value: unknown): string {
  return `"${sha256(canonicalJson(value)).slice(0, 32)}"`;
}

/**
 * Error `changed_meanwhile` where the request has If-Match and it does not name this state; to be
 * called within the transaction that makes the change.
 * @param etag null: there is no such thing
 */
export function checkUnchanged(request: Request, etag: string | null, what: string): void {
  const asked = request.headers.get("if-match");
  if (asked === null) return;
  const names = asked.split(",").map((each) => each.trim());
  if (etag !== null && (asked.trim() === "*" || names.includes(etag))) return;
  throw new SkerryError(
    "changed_meanwhile",
    `${what} ${etag === null ? "is not there" : "was changed since you looked"}; nothing was done`,
    "Look at it again, then make the change with its new etag, or without If-Match.",
  );
}
