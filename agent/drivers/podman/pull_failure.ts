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
  unauthorized: "The registry wants a login, or this image is private to another account.",
  unreachable: "Check this node's way to the registry (network, DNS, proxy); it is tried again.",
  timeout: "The registry or the line is too slow or stalled; it is tried again.",
  invalid_reference: "Write the image as [registry/]name[:tag] in lower case.",
  insecure_registry:
    "The registry speaks plain http or has a certificate that is not trusted: name it as an insecure registry if you trust the network, or give it a valid certificate.",
  other: "Read the message; Podman's log in the home's podman folder may say more.",
};

/** What is said of a reference under a bare `localhost/`. */
export const LOCAL_BUILD =
  "images under localhost/ are built on a node and lie in no registry; this node has none of that name";

export function pullFailureOf(text: string): PullFailure {
  for (const [pattern, kind] of TEXTS) if (pattern.test(text)) return kind;
  return "other";
}

/** The error of a pull or of a question to a registry; its code is the {@link PullFailure}. */
export function pullError(
  kind: PullFailure,
  doing: string,
  detail: string,
  cause?: unknown,
): SkerryError {
  return new SkerryError(
    kind,
    `${doing}: ${detail}`,
    REMEDY[kind],
    cause === undefined ? {} : { cause },
  );
}
