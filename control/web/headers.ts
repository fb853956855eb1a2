/** What every answer to a browser carries, so that it runs nothing but our own files. */

const POLICY: Readonly<Record<string, string>> = {
  "default-src": "'none'",
  "script-src": "'self'",
  "style-src": "'self'",
  "img-src": "'self' data:",
  "font-src": "'self'",
  "connect-src": "'self'",
  "form-action": "'self'",
  "base-uri": "'none'",
  "frame-ancestors": "'none'",
};

/** `inlineStyles`: the terminal alone, whose package writes style elements. */
export function contentSecurityPolicy(inlineStyles: boolean): string {
  return Object.entries(POLICY).map(([what, from]) =>
    what === "style-src" && inlineStyles ? `${what} ${from} 'unsafe-inline'` : `${what} ${from}`
  ).join("; ");
}

/**
 * Headers of a page. The referrer stays within this origin and is not left out: browsers send
 * `Origin: null` with a form where it is, and then the form could not be told from a foreign one.
 */
export function pageHeaders(options: { readonly inlineStyles?: boolean } = {}): Headers {
  return new Headers({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": contentSecurityPolicy(options.inlineStyles === true),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cache-control": "no-store",
    "vary": "cookie, accept-encoding",
  });
}
