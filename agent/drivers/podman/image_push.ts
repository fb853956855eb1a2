/**
 * Sending an image to a registry. Podman says nothing while a layer goes out, so how much its service
 * has written tells how far it is; what the registry has in the end is asked of the registry itself.
 */
import { bytesText } from "../../../shared/bytes_text.ts";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import type { PushedImage } from "../../../shared/model/link.ts";
import type { ImageSeen, PullFailure } from "./driver.ts";
import { podmanError } from "./errors.ts";
import {
  fullReference,
  type ImageReference,
  isLocalBuild,
  parseImageReference,
} from "./image_reference.ts";
import { readProgress } from "./progress_stream.ts";
import { pullFailureOf } from "./pull_failure.ts";
import type { RegistryCalls } from "./registry.ts";
import { type KnownRegistries, loginFor } from "./registries.ts";
import type { Transport } from "./transport.ts";

/** A push during which Podman sends nothing for so long has stalled. */
const STALL_MS = 120_000;
const LOOK_MS = 2_000;
/** Podman's words once all layers are there. */
const DONE = /^Writing manifest to image destination/;

const REMEDY: Record<PullFailure, string> = {
  not_found: "Check the repository's name: some registries want it made before it is pushed to.",
  unauthorized: "Log in with `skerry registry login HOST`, as somebody who may write there.",
  unreachable: "Check this node's way to the registry (network, DNS, proxy), then push again.",
  timeout: "The registry or the line is too slow or stalled; what has arrived is not sent again.",
  invalid_reference: "Write where to as registry/name[:tag] in lower case.",
  insecure_registry:
    "It speaks plain http or shows a certificate that is not trusted: give it a valid one, or, where you trust the network, name it with `skerry registry set HOST --plain-http`.",
  other: "Read the message; Podman's log in the home's podman folder may say more.",
};

export interface PushDeps {
  readonly transport: Transport;
  readonly registries: KnownRegistries;
  readonly registry: Pick<RegistryCalls, "remoteImage">;
  readonly inspectImage: (reference: string, signal?: AbortSignal) => Promise<ImageSeen | null>;
  /** Bytes that Podman's service has written so far, to wherever; null: not known. */
  readonly writtenBytes: () => Promise<number | null>;
  readonly monotonic: () => number;
}

/**
 * Sends what is here under a reference or an id to `destination`, by default its own name. Errors
 * are PullFailure codes, and those of Podman.
 */
export type PushImage = (
  image: string,
  destination: string | null,
  onProgress: (line: string) => void,
  signal?: AbortSignal,
) => Promise<PushedImage>;

function refused(kind: PullFailure, doing: string, detail: string, host: string): SkerryError {
  return new SkerryError(kind, `${doing}: ${detail}`, REMEDY[kind].replace("HOST", host));
}

/** Where to; an id says it no more than a name that no registry has. */
function destinationOf(image: string, destination: string | null, doing: string): ImageReference {
  const parsed = parseImageReference(destination ?? image);
  if (parsed === null || parsed.digest !== null) {
    throw refused("invalid_reference", doing, "this is no name in a registry", "");
  }
  // A name that stands for an id would go to Docker Hub.
  const isId = destination === null && /^[0-9a-f]{12,64}$/.test(image);
  if (!isId && !isLocalBuild(parsed)) return parsed;
  throw new SkerryError(
    "invalid_reference",
    `${doing}: ${
      isId ? "an id" : "a name under localhost/"
    } does not say which registry it goes to`,
    `Name it: skerry image push ${image} REGISTRY/NAME:TAG`,
  );
}

/** What Podman said of a push that failed. Pure. */
export function pushError(
  words: string,
  doing: string,
  host: string,
  username: string | null,
): SkerryError {
  const kind = pullFailureOf(words);
  if (kind !== "unauthorized") return refused(kind, doing, words, host);
  const who = username === null
    ? `the registry "${host}" takes it from nobody without a login`
    : `the registry "${host}" does not take it from "${username}"`;
  return refused(kind, doing, `${who} (skerry registry login ${host})`, host);
}

/** Makes the call. */
export function createImagePush(deps: PushDeps): PushImage {
  const { transport } = deps;

  /** The registry may let us write and not read: then it is not known. */
  async function asked(
    reference: string,
    onProgress: (line: string) => void,
    signal?: AbortSignal,
  ) {
    const platform = {
      os: "linux",
      architecture: Deno.build.arch === "x86_64" ? "amd64" : "arm64",
    };
    try {
      return await deps.registry.remoteImage(reference, platform, signal);
    } catch (thrown) {
      onProgress(`sent; what the registry made of it is not known: ${messageOf(thrown)}`);
      return null;
    }
  }

  return async (image, destination, onProgress, signal) => {
    const doing = `pushing the image "${image}"${
      destination === null ? "" : ` to "${destination}"`
    }`;
    const parsed = destinationOf(image, destination, doing);
    const full = fullReference(parsed);
    const seen = await deps.inspectImage(image, signal);
    if (seen === null) throw podmanError("image_unknown", doing, "it is not on this node");
    const login = loginFor(deps.registries(), parsed.registry);
    const before = await deps.writtenBytes();
    let told = 0;
    const end = await readProgress(transport, {
      doing,
      method: "POST",
      path: `/images/${encodeURIComponent(seen.id)}/push`,
      query: { destination: full, quiet: "false" },
      login,
      signal,
    }, {
      onProgress,
      stallMs: STALL_MS,
      lookMs: LOOK_MS,
      doneBy: DONE,
      monotonic: deps.monotonic,
      activity: async () => {
        const written = await deps.writtenBytes();
        if (written === null || before === null) return "";
        const sent = written - before;
        if (sent - told >= 1_000_000) {
          told = sent;
          onProgress(`about ${bytesText(sent)} sent of ${bytesText(seen.sizeBytes)} uncompressed`);
        }
        return String(written);
      },
    });
    if (end.kind === "stalled") {
      throw refused("timeout", doing, "nothing went out any more", parsed.registry);
    }
    if (end.kind === "error") {
      throw pushError(end.message, doing, parsed.registry, login?.username ?? null);
    }
    const there = await asked(full, onProgress, signal);
    if (there !== null && there.id !== seen.id) {
      throw refused(
        "other",
        doing,
        `the registry has another image under "${full}": somebody else pushed at the same time`,
        parsed.registry,
      );
    }
    return { reference: full, digest: there?.digest ?? null, id: seen.id };
  };
}
