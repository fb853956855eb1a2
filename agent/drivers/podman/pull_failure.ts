/** Why a pull failed, read from Podman's words. Pure. */
import { SkerryError } from "../../../shared/errors.ts";
import type { PullFailure } from "./driver.ts";

const TEXTS: readonly (readonly [RegExp, PullFailure])[] = [
  [
    /server gave HTTP response to HTTPS client|certificate signed by unknown authority|x509:|tls:/i,
    "insecure_registry",
  ],
  [
    /invalid reference format|invalid image reference|could not parse|must be lowercase/i,
    "invalid_reference",
  ],
  [/unauthorized|authentication required|denied|403 \(?forbidden|401/i, "unauthorized"],
  [/manifest unknown|name unknown|not found|404|no image found|does not exist/i, "not_found"],
  [/timeout|deadline exceeded|timed out/i, "timeout"],
  [
    /connection refused|no such host|network is unreachable|no route to host|connection reset|EOF|server misbehaving|temporary failure|dial tcp|pinging container registry|toomanyrequests|502|503/i,
    "unreachable",
  ],
  [/short-name .* did not resolve/i, "invalid_reference"],
];

const REMEDY: Record<PullFailure, string> = {
  not_found: "Check the image's name and tag: the registry does not have it (or hides it).",
  unauthorized: "Log in with `skerry registry login HOST`, as somebody who may have this image.",
  unreachable: "Check this node's way to the registry (network, DNS, proxy); it is tried again.",
  timeout: "The registry or the line is too slow or stalled; it is tried again.",
  invalid_reference: "Write the image as [registry/]name[:tag] in lower case.",
  insecure_registry:
    "It speaks plain http or shows a certificate that is not trusted: give it a valid one, or, where you trust the network, name it with `skerry registry set HOST --plain-http`.",
  other: "Read the message; Podman's log in the home's podman folder may say more.",
};

/** What is said of a reference under a bare `localhost/`. */
export const LOCAL_BUILD =
  "images under localhost/ are built on a node and lie in no registry; this node has none of that name";

export function pullFailureOf(words: string): PullFailure {
  // Why the mirrors failed, too, stands before why the registry itself did.
  const text = words.replace(/\(Mirrors also failed: \[.*\]\): /s, "");
  for (const [pattern, kind] of TEXTS) if (pattern.test(text)) return kind;
  return "other";
}

/** The error of a pull or of a question to a registry; its code is the {@link PullFailure}. */
export function pullError(
  kind: PullFailure,
  doing: string,
  detail: string,
  more: { readonly host?: string; readonly cause?: unknown } = {},
): SkerryError {
  const { host, cause } = more;
  return new SkerryError(
    kind,
    `${doing}: ${detail}`,
    host === undefined ? REMEDY[kind] : REMEDY[kind].replace("HOST", host),
    cause === undefined ? {} : { cause },
  );
}

/**
 * The registry does not let us have it. The command that helps stands in the message, since the
 * reason that a service waits is told without its remedy.
 * @param username of the login that was tried; null: none is known
 */
export function unauthorized(doing: string, host: string, username: string | null): SkerryError {
  return pullError(
    "unauthorized",
    doing,
    username === null
      ? `the registry "${host}" gives it to nobody without a login, or does not have it ` +
        `(skerry registry login ${host})`
      : `the registry "${host}" refuses the login of "${username}" (skerry registry login ${host})`,
    { host },
  );
}
