/**
 * Requests to registries of our own (OCI Distribution Spec 1.1), with the login where a registry
 * asks for one: Basic, or a bearer token from where it sends us. Only https is spoken, except to
 * hosts that may speak plain http. A login goes to its own registry, and to the place that this
 * registry names for tokens, and nowhere else.
 */
import { z } from "zod";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import { DOCKER_HUB, type RegistryLogin } from "../../../shared/model/registry.ts";
import { parseJson } from "../../../shared/parse_json.ts";
import { pullError, pullFailureOf, unauthorized } from "./pull_failure.ts";
import { type KnownRegistries, loginFor, mayBePlain } from "./registries.ts";

const TIMEOUT_MS = 10_000;
const MAX_REDIRECTS = 3;
const MAX_TOKEN_BYTES = 256 * 1024;
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface RegistryDeps {
  readonly fetch: (url: URL, init: RequestInit) => Promise<Response>;
  /** `host[:port]` of registries that may speak plain http, beside those that `registries` says. */
  readonly insecureRegistries: readonly string[];
  readonly registries: KnownRegistries;
  readonly timeoutMs?: number;
}

export interface RegistryAsk {
  /** As references bear it. */
  readonly host: string;
  /** From `/v2/` on. */
  readonly path: string;
  readonly method: "HEAD" | "GET";
  readonly accept?: string;
  /** What a token is asked for, where the registry does not say it itself; null: for nothing. */
  readonly scope: string | null;
  /** Absent: the one that is known for the host. */
  readonly login?: RegistryLogin;
}

export interface RegistryAnswer {
  /** 401 and 403 are errors already. */
  readonly status: number;
  readonly headers: Headers;
  /** Null: longer than anything that a registry has to say. */
  readonly text: string | null;
  /** The registry asked who we are. */
  readonly challenged: boolean;
}

export interface RegistryClient {
  /** One request, its redirects followed by hand. Errors are PullFailure codes. */
  ask(ask: RegistryAsk, doing: string, signal?: AbortSignal): Promise<RegistryAnswer>;
}

const TokenAnswer = z.looseObject({
  token: z.string().max(65_536).optional(),
  access_token: z.string().max(65_536).optional(),
});

export type Challenge =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly parts: ReadonlyMap<string, string> };

/** What a `WWW-Authenticate` asks for; a token where it may be either. Null: neither. Pure. */
export function parseChallenge(header: string): Challenge | null {
  const bearer = /(?:^|,)\s*Bearer\s+(.*)$/i.exec(header);
  if (bearer === null) return /(?:^|,)\s*Basic\b/i.test(header) ? { kind: "basic" } : null;
  const parts = new Map<string, string>();
  for (
    const [, name, quoted, bare] of (bearer[1] ?? "").matchAll(/(\w+)=(?:"([^"]*)"|([^,\s]+))/g)
  ) {
    const key = (name ?? "").toLowerCase();
    if (!parts.has(key)) parts.set(key, quoted ?? bare ?? "");
  }
  return { kind: "bearer", parts };
}

function basic({ username, password }: RegistryLogin): string {
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))}`;
}

export function createRegistryClient(deps: RegistryDeps): RegistryClient {
  const plain = (host: string) => mayBePlain(deps.registries(), deps.insecureRegistries, host);

  const allowed = (url: URL, doing: string): void => {
    if (url.username !== "" || url.password !== "") {
      throw pullError("other", doing, "the registry gave an address with a login in it");
    }
    if (url.protocol === "https:") return;
    if (url.protocol === "http:" && plain(url.host)) return;
    throw pullError("insecure_registry", doing, `it leads to "${url.origin}", which is not https`);
  };

  /** `authorization` goes to the first origin only. */
  const follow = async (
    url: URL,
    ask: { readonly method: "HEAD" | "GET"; readonly accept?: string },
    authorization: string | null,
    doing: string,
    signal: AbortSignal,
  ): Promise<Response> => {
    let target = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      allowed(target, doing);
      const headers: Record<string, string> = {};
      if (ask.accept !== undefined) headers.accept = ask.accept;
      if (authorization !== null && target.origin === url.origin) {
        headers.authorization = authorization;
      }
      const response = await deps.fetch(target, {
        method: ask.method,
        headers,
        redirect: "manual",
        signal,
      });
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

  /** Null: none is given. A login that the place of tokens refuses is an error. */
  const token = async (
    parts: ReadonlyMap<string, string>,
    ask: RegistryAsk,
    login: RegistryLogin | null,
    doing: string,
    signal: AbortSignal,
  ): Promise<string | null> => {
    const realm = parts.get("realm") ?? "";
    if (!URL.canParse(realm)) return null;
    const url = new URL(realm);
    const service = parts.get("service");
    if (service !== undefined) url.searchParams.set("service", service);
    const scope = parts.get("scope") ?? ask.scope;
    if (scope !== null) url.searchParams.set("scope", scope);
    if (login !== null) url.searchParams.set("account", login.username);
    const authorization = login === null ? null : basic(login);
    const response = await follow(url, { method: "GET" }, authorization, doing, signal);
    const text = await boundedText(response, MAX_TOKEN_BYTES);
    if (login !== null && (response.status === 401 || response.status === 403)) {
      throw unauthorized(doing, ask.host, login.username);
    }
    if (!response.ok || text === null) return null;
    try {
      const answer = TokenAnswer.parse(parseJson(text));
      return answer.token ?? answer.access_token ?? null;
    } catch {
      // An answer without a token is none.
      return null;
    }
  };

  const once = async (
    scheme: "http" | "https",
    ask: RegistryAsk,
    doing: string,
    signal: AbortSignal,
  ): Promise<{ readonly response: Response; readonly challenged: boolean }> => {
    const host = ask.host === DOCKER_HUB ? "registry-1.docker.io" : ask.host;
    const url = new URL(`${scheme}://${host}${ask.path}`);
    const login = ask.login ?? loginFor(deps.registries(), ask.host);
    const first = await follow(url, ask, null, doing, signal);
    if (first.status !== 401 && first.status !== 403) return { response: first, challenged: false };
    await first.body?.cancel();
    const challenge = parseChallenge(first.headers.get("www-authenticate") ?? "");
    let authorization: string | null = null;
    switch (challenge?.kind) {
      case "bearer": {
        const given = await token(challenge.parts, ask, login, doing, signal);
        authorization = given === null ? null : `Bearer ${given}`;
        break;
      }
      case "basic":
        authorization = login === null ? null : basic(login);
        break;
      case undefined:
        break;
    }
    if (authorization === null) throw unauthorized(doing, ask.host, login?.username ?? null);
    const response = await follow(url, ask, authorization, doing, signal);
    if (response.status !== 401 && response.status !== 403) return { response, challenged: true };
    await response.body?.cancel();
    throw unauthorized(doing, ask.host, login?.username ?? null);
  };

  const either = async (ask: RegistryAsk, doing: string, signal: AbortSignal) => {
    if (!plain(ask.host)) return await once("https", ask, doing, signal);
    try {
      return await once("http", ask, doing, signal);
    } catch (thrown) {
      // One that may speak plain http may speak https all the same.
      if (thrown instanceof SkerryError || signal.aborted) throw thrown;
      return await once("https", ask, doing, signal);
    }
  };

  return {
    async ask(ask, doing, signal) {
      const guard = timeLimit(deps.timeoutMs ?? TIMEOUT_MS, signal);
      try {
        const { response, challenged } = await either(ask, doing, guard.signal);
        const text = await boundedText(response, MAX_ANSWER_BYTES);
        return { status: response.status, headers: response.headers, text, challenged };
      } catch (thrown) {
        if (thrown instanceof SkerryError) throw thrown;
        if (guard.timedOut()) {
          throw pullError("timeout", doing, "no answer within 10 s", { cause: thrown });
        }
        throw connectionError(ask.host, doing, thrown);
      } finally {
        guard.done();
      }
    },
  };
}

function connectionError(host: string, doing: string, thrown: unknown): SkerryError {
  const cause = thrown instanceof Error && thrown.cause !== undefined
    ? `: ${messageOf(thrown.cause)}`
    : "";
  const detail = `${messageOf(thrown)}${cause}`;
  const untrusted = pullFailureOf(detail) === "insecure_registry" ||
    /certificate|corrupt message|InvalidContentType/i.test(detail);
  return pullError(untrusted ? "insecure_registry" : "unreachable", doing, detail, {
    host,
    cause: thrown,
  });
}

function timeLimit(timeoutMs: number, outer?: AbortSignal) {
  const stop = new AbortController();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stop.abort();
  }, timeoutMs);
  const onAbort = () => stop.abort();
  if (outer?.aborted) stop.abort();
  outer?.addEventListener("abort", onAbort);
  return {
    signal: stop.signal,
    timedOut: () => timedOut,
    done() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", onAbort);
    },
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
