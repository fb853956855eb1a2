/**
 * Requests that a foreign page made a browser send. Browsers say where a request comes from by
 * `Sec-Fetch-Site` and `Origin`; what changes something, or opens a WebSocket, must come from our
 * own pages, or from no page at all.
 */
import { SkerryError } from "../../shared/errors.ts";

const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/** Is a request of this kind one that a foreign page must not cause? */
export function isUnsafe(request: Request): boolean {
  return !SAFE.has(request.method) || request.headers.has("upgrade");
}

/**
 * Error `foreign_origin`.
 * @param byCookie the browser added who asks by itself: then it must say where the request comes from
 */
export function checkOrigin(request: Request, byCookie: boolean): void {
  if (!isUnsafe(request)) return;
  const { headers } = request;
  const site = headers.get("sec-fetch-site");
  const origin = headers.get("origin");
  const foreign = site !== null && site !== "same-origin" && site !== "none" ||
    origin !== null && !isOwn(origin, request);
  if (!foreign && (!byCookie || site === "same-origin" || origin !== null)) return;
  throw new SkerryError(
    "foreign_origin",
    foreign
      ? `the request comes from another page ("${(origin ?? site ?? "").slice(0, 200)}")`
      : "a request by a session's cookie must say which page it comes from (Origin)",
    "Do this on the pages of this control plane; programs send an API token.",
  );
}

function isOwn(origin: string, request: Request): boolean {
  const parsed = URL.parse(origin);
  if (parsed === null) return false;
  const host = request.headers.get("host") ?? new URL(request.url).host;
  // The scheme too: a page that was read over plain http may have been changed on its way.
  const isWeb = parsed.protocol === "https:" || new URL(request.url).protocol === "http:";
  return isWeb && parsed.host === host.toLowerCase();
}
