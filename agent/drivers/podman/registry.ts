/**
 * Asks a registry what a reference means now, without pulling (OCI Distribution Spec 1.1, HEAD
 * manifest), with an anonymous bearer token where it wants one. Only https is spoken, except to
 * registries on this machine and to those that a user named insecure.
 */
import { z } from "zod";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import {
  type ImageReference,
  isLocalBuild,
  isLoopback,
  parseImageReference,
} from "./image_reference.ts";
import { LOCAL_BUILD, pullError, pullFailureOf } from "./pull_failure.ts";

const ACCEPT = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
].join(", ");
const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;
const MAX_TOKEN_BYTES = 256 * 1024;

export interface RegistryDeps {
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  /** `host[:port]` of registries that may speak plain http. */
  readonly insecureRegistries: readonly string[];
  readonly timeoutMs?: number;
}

const TokenAnswer = z.looseObject({
  token: z.string().max(65_536).optional(),
  access_token: z.string().max(65_536).optional(),
});

/** The parts of `WWW-Authenticate: Bearer realm="…",service="…",scope="…"`; null: not a bearer. Pure. */
export function parseBearerChallenge(header: string): ReadonlyMap<string, string> | null {
  const match = /^\s*Bearer\s+(.*)$/i.exec(header);
  if (match === null) return null;
  const parts = new Map<string, string>();
  for (
    const [, name, quoted, bare] of (match[1] ?? "").matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]+))/g)
  ) {
    parts.set((name ?? "").toLowerCase(), quoted ?? bare ?? "");
  }
  return parts;
}

/** Where the manifest of a reference lies. Pure. */
export function manifestUrl(reference: ImageReference, scheme: "http" | "https"): URL {
  const host = reference.registry === "docker.io" ? "registry-1.docker.io" : reference.registry;
  return new URL(`${scheme}://${host}/v2/${reference.repository}/manifests/${reference.version}`);
}

export function createDigestResolver(
  deps: RegistryDeps,
): (reference: string, signal?: AbortSignal) => Promise<string> {
  const mayBePlain = (host: string): boolean =>
    isLoopback(host) || deps.insecureRegistries.includes(host);

  const allowed = (url: URL, doing: string): void => {
    if (url.username !== "" || url.password !== "") {
      throw pullError("other", doing, "the registry gave an address with a login in it");
    }
    if (url.protocol === "https:") return;
    if (url.protocol === "http:" && mayBePlain(url.host)) return;
    throw pullError("insecure_registry", doing, `it leads to "${url.origin}", which is not https`);
  };

  /** One request, its redirects followed by hand; a token goes to the first host only. */
  const ask = async (
    url: URL,
    method: "HEAD" | "GET",
    token: string | null,
    doing: string,
    signal: AbortSignal,
  ): Promise<Response> => {
    let target = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      allowed(target, doing);
      const headers: Record<string, string> = { accept: ACCEPT };
      if (token !== null && target.host === url.host) headers.authorization = `Bearer ${token}`;
      const response = await deps.fetch(target, { method, headers, redirect: "manual", signal });
      if (response.status < 300 || response.status >= 400) return response;
      await response.body?.cancel();
      const location = response.headers.get("location");
      if (location === null || !URL.canParse(location, target.href)) {
        throw pullError("other", doing, "the registry redirects to nowhere");
      }
      target = new URL(location, target);
    }
    throw pullError("other", doing, "the registry redirects too often");
  };

  const anonymousToken = async (
    challenge: ReadonlyMap<string, string>,
    reference: ImageReference,
    doing: string,
    signal: AbortSignal,
  ): Promise<string | null> => {
    const realm = challenge.get("realm") ?? "";
    if (!URL.canParse(realm)) return null;
    const url = new URL(realm);
    const service = challenge.get("service");
    if (service !== undefined) url.searchParams.set("service", service);
    url.searchParams.set(
      "scope",
      challenge.get("scope") ?? `repository:${reference.repository}:pull`,
    );
    const response = await ask(url, "GET", null, doing, signal);
    const text = await boundedText(response, MAX_TOKEN_BYTES);
    if (!response.ok || text === null) return null;
    try {
      const answer = TokenAnswer.parse(JSON.parse(text));
      return answer.token ?? answer.access_token ?? null;
    } catch {
      return null;
    }
  };

  const resolve = async (
    reference: ImageReference,
    scheme: "http" | "https",
    doing: string,
    signal: AbortSignal,
  ): Promise<string> => {
    const url = manifestUrl(reference, scheme);
    let response = await ask(url, "HEAD", null, doing, signal);
    await response.body?.cancel();
    if (response.status === 401) {
      const challenge = parseBearerChallenge(response.headers.get("www-authenticate") ?? "");
      const token = challenge === null
        ? null
        : await anonymousToken(challenge, reference, doing, signal);
      if (token !== null) {
        response = await ask(url, "HEAD", token, doing, signal);
        await response.body?.cancel();
      }
    }
    const digest = response.headers.get("docker-content-digest");
    if (response.ok && digest !== null && /^sha256:[0-9a-f]{64}$/.test(digest)) return digest;
    switch (response.status) {
      case 401:
      case 403:
        throw pullError("unauthorized", doing, `the registry refuses (${response.status})`);
      case 404:
        throw pullError("not_found", doing, "the registry does not know it");
      default:
        throw pullError(
          response.status === 429 || response.status >= 500 ? "unreachable" : "other",
          doing,
          `the registry answers with status ${response.status} and no digest`,
        );
    }
  };

  return async (text, signal) => {
    const doing = `asking the registry what "${text}" means`;
    const reference = parseImageReference(text);
    if (reference === null) {
      throw pullError("invalid_reference", doing, "this is not an image reference");
    }
    if (isLocalBuild(reference)) throw pullError("not_found", doing, LOCAL_BUILD);
    const stop = new AbortController();
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      stop.abort();
    }, deps.timeoutMs ?? TIMEOUT_MS);
    const onAbort = () => stop.abort();
    if (signal?.aborted) stop.abort();
    signal?.addEventListener("abort", onAbort);
    try {
      const plain = mayBePlain(reference.registry);
      try {
        return await resolve(reference, plain ? "http" : "https", doing, stop.signal);
      } catch (thrown) {
        // An insecure registry may speak https all the same.
        if (!plain || thrown instanceof SkerryError || stop.signal.aborted) throw thrown;
        return await resolve(reference, "https", doing, stop.signal);
      }
    } catch (thrown) {
      if (thrown instanceof SkerryError) throw thrown;
      const cause = thrown instanceof Error && thrown.cause !== undefined
        ? `: ${messageOf(thrown.cause)}`
        : "";
      const detail = `${messageOf(thrown)}${cause}`;
      if (timedOut) throw pullError("timeout", doing, "no answer within 10 s", thrown);
      const kind = pullFailureOf(detail);
      const known = kind === "insecure_registry" ||
          /certificate|corrupt message|InvalidContentType/i.test(detail)
        ? "insecure_registry"
        : "unreachable";
      throw pullError(known, doing, detail, thrown);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  };
}

/** Null: more than `maxBytes`. */
async function boundedText(response: Response, maxBytes: number): Promise<string | null> {
  if (response.body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
