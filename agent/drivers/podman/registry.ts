/**
 * What registries say of images without a pull: what a reference means now, and whether a login is
 * right. Mirrors are asked first, as Podman does it when it pulls.
 */
import { z } from "zod";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import type { RegistryLogin } from "../../../shared/model/registry.ts";
import { parseJson } from "../../../shared/parse_json.ts";
import { type ImageReference, isLocalBuild, parseImageReference } from "./image_reference.ts";
import { LOCAL_BUILD, pullError } from "./pull_failure.ts";
import { type ImagePlace, placesOf } from "./registries.ts";
import { createRegistryClient, type RegistryAnswer, type RegistryDeps } from "./registry_client.ts";

const OF_MANY = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const OF_ONE = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];
/** A mirror that is silent for longer is passed over; the registry itself has more time. */
const MIRROR_TIMEOUT_MS = 4_000;
const DIGEST = /^sha256:[0-9a-f]{64}$/;

/** What an image is for: operating system, architecture and its variant. */
export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

/** What a registry has under a reference. */
export interface RemoteImage {
  /** Of the manifest that the reference names. */
  readonly digest: string;
  /** The id (64 hex) of the image for the platform that was asked for; null: it has none for it. */
  readonly id: string | null;
}

export interface RegistryCalls {
  /** What a reference means now: `sha256:…`. */
  resolveDigest(reference: string, signal?: AbortSignal): Promise<string>;
  /** As the registry itself says it, no mirror. */
  remoteImage(
    reference: string,
    platform: ImagePlatform,
    signal?: AbortSignal,
  ): Promise<RemoteImage>;
  /** Tries a login. `not_asked`: the registry wants none. Error `unauthorized`: it is wrong. */
  checkLogin(
    host: string,
    login: RegistryLogin,
    signal?: AbortSignal,
  ): Promise<"accepted" | "not_asked">;
}

const Descriptor = z.looseObject({ digest: z.string().regex(DIGEST) });
const Manifest = z.looseObject({ config: Descriptor });
const Index = z.looseObject({
  manifests: z.array(z.looseObject({
    digest: z.string().regex(DIGEST),
    platform: z.looseObject({
      os: z.string(),
      architecture: z.string(),
      variant: z.string().optional(),
    }).optional(),
  })),
});

/** The manifest of an index that is for a platform; null: none is. Pure. */
export function manifestFor(index: z.infer<typeof Index>, wanted: ImagePlatform): string | null {
  const fitting = index.manifests.filter(({ platform }) =>
    platform?.os === wanted.os && platform.architecture === wanted.architecture
  );
  const found = fitting.find(({ platform }) => platform?.variant === wanted.variant) ?? fitting[0];
  return found?.digest ?? null;
}

export function createRegistryCalls(deps: RegistryDeps): RegistryCalls {
  const client = createRegistryClient(deps);
  const mirrorClient = createRegistryClient({
    ...deps,
    timeoutMs: Math.min(MIRROR_TIMEOUT_MS, deps.timeoutMs ?? MIRROR_TIMEOUT_MS),
  });

  /** The answer to a question about a manifest, with the digest that the registry tells. */
  const manifest = async (
    method: "HEAD" | "GET",
    place: ImagePlace,
    version: string,
    doing: string,
    signal?: AbortSignal,
  ): Promise<RegistryAnswer & { readonly digest: string }> => {
    const answer = await (place.isMirror ? mirrorClient : client).ask(
      {
        host: place.host,
        path: `/v2/${place.repository}/manifests/${version}`,
        method,
        accept: [...OF_MANY, ...OF_ONE].join(", "),
        scope: `repository:${place.repository}:pull`,
      },
      doing,
      signal,
    );
    const { status } = answer;
    const digest = answer.headers.get("docker-content-digest");
    if (status === 200 && digest !== null && DIGEST.test(digest)) return { ...answer, digest };
    if (status === 404) {
      throw pullError("not_found", doing, "the registry does not know it");
    }
    throw pullError(
      status === 429 || status >= 500 ? "unreachable" : "other",
      doing,
      `the registry answers with status ${status} and no digest`,
    );
  };

  const parsed = (text: string, doing: string): ImageReference => {
    const reference = parseImageReference(text);
    if (reference === null) {
      throw pullError("invalid_reference", doing, "this is not an image reference");
    }
    if (isLocalBuild(reference)) throw pullError("not_found", doing, LOCAL_BUILD);
    return reference;
  };

  return {
    async resolveDigest(text, signal) {
      const doing = `asking the registry what "${text}" means`;
      const reference = parsed(text, doing);
      const failed: string[] = [];
      for (const place of placesOf(reference, deps.registries())) {
        try {
          return (await manifest("HEAD", place, reference.version, doing, signal)).digest;
        } catch (thrown) {
          if (!(thrown instanceof SkerryError)) throw thrown;
          if (!place.isMirror || signal?.aborted) throw withMirrors(thrown, failed);
          failed.push(place.host);
        }
      }
      throw pullError("other", doing, "there is no place to ask");
    },
    async remoteImage(text, platform, signal) {
      const doing = `asking the registry what "${text}" means`;
      const { registry: host, repository, version } = parsed(text, doing);
      const place = { host, repository, isMirror: false };
      const read = async (which: string) => {
        const { text: content, digest } = await manifest("GET", place, which, doing, signal);
        return { digest, json: jsonOf(content, doing) };
      };
      const named = await read(version);
      const index = Index.safeParse(named.json);
      let one = named.json;
      if (index.success) {
        const digest = manifestFor(index.data, platform);
        if (digest === null) return { digest: named.digest, id: null };
        one = (await read(digest)).json;
      }
      const found = Manifest.safeParse(one);
      if (!found.success) throw pullError("other", doing, "its manifest is of an unknown kind");
      return { digest: named.digest, id: found.data.config.digest.slice("sha256:".length) };
    },
    async checkLogin(host, login, signal) {
      const doing = `logging in to "${host}" as "${login.username}"`;
      const question = { host, path: "/v2/", method: "GET", scope: null, login } as const;
      const { status, challenged } = await client.ask(question, doing, signal).catch((thrown) => {
        if (!(thrown instanceof SkerryError) || thrown.code !== "unauthorized") throw thrown;
        throw new SkerryError(
          "unauthorized",
          `${doing}: the registry refuses this login`,
          "Check the user and the password; some registries take tokens alone.",
          { cause: thrown },
        );
      });
      if (status === 200) return challenged ? "accepted" : "not_asked";
      throw pullError(
        status === 429 || status >= 500 ? "unreachable" : "other",
        doing,
        status === 404
          ? "there is no registry: it answers /v2/ with status 404"
          : `it answers with status ${status}`,
      );
    },
  };
}

function withMirrors(thrown: SkerryError, failed: readonly string[]): SkerryError {
  if (failed.length === 0) return thrown;
  return new SkerryError(
    thrown.code,
    `${thrown.message} (mirrors that did not help: ${failed.join(", ")})`,
    thrown.remedy,
    { cause: thrown },
  );
}

function jsonOf(text: string | null, doing: string): unknown {
  try {
    if (text !== null) return parseJson(text);
  } catch (thrown) {
    throw pullError("other", doing, `the registry's answer is no JSON: ${messageOf(thrown)}`);
  }
  throw pullError("other", doing, "the registry's answer is too long");
}
