/**
 * HTTP Message Signatures (RFC 9421) by a node's Ed25519 key, over `@method`, `@authority`, `@path`,
 * `@query`, `content-digest` (RFC 9530, where there is a body) and `skerry-counter`. Pure.
 *
 *     Skerry-Counter: 1801439850948198400
 *     Content-Digest: sha-256=:…:
 *     Signature-Input: sig=("@method" … "skerry-counter");created=1800000000;keyid="key_…";alg="ed25519"
 *     Signature: sig=:…:
 *
 * The counter rises with each request of a key and is what tells a replay. `created` informs only: a
 * box without a clock battery gets in, too.
 */
import { createHash } from "node:crypto";
import { SkerryError } from "../errors.ts";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { verifyBytes } from "./ed25519.ts";

/** Counters are in 0 … 2^63 − 1. */
export const MAX_COUNTER = (1n << 63n) - 1n;

/** What of a request is signed. */
export interface SignedParts {
  /** As it is sent: `GET`. */
  readonly method: string;
  /** Host and port, as in the Host header; compared in lower case. */
  readonly authority: string;
  /** Percent-encoded, as it is sent; begins with `/`. */
  readonly path: string;
  /** With its `?`; empty: there is none. */
  readonly query: string;
  /** The header's value; null: there is no body. */
  readonly contentDigest: string | null;
  readonly counter: bigint;
}

/** Who signs, and how. */
export interface RequestSigner {
  /** The key's id, or, before it has one, the public key in base64. */
  readonly keyId: string;
  /** 64 bytes over the message (RFC 8032). */
  sign(message: Uint8Array): Uint8Array;
}

/** A request's signature as it was read; nothing of it is verified yet. */
export interface RequestSignature {
  readonly keyId: string;
  /** Seconds since 1970, as the signer believes; null: not told. */
  readonly created: number | null;
  readonly counter: bigint;
  /** The covered components, in the signer's order. */
  readonly covered: readonly Component[];
  /** `@signature-params`, as it was received. */
  readonly params: string;
  readonly signature: Uint8Array;
}

const ALWAYS = ["@method", "@authority", "@path", "@query", "skerry-counter"] as const;
type Component = (typeof ALWAYS)[number] | "content-digest";

export const HEADERS = {
  counter: "skerry-counter",
  digest: "content-digest",
  input: "signature-input",
  signature: "signature",
} as const;

/** The value of a Content-Digest header for a body (RFC 9530). */
export function contentDigest(body: Uint8Array): string {
  return `sha-256=:${encodeBase64(createHash("sha256").update(body).digest())}:`;
}

/** The bytes that are signed (RFC 9421, section 2.5). */
export function signatureBase(
  parts: SignedParts,
  covered: readonly Component[],
  params: string,
): Uint8Array {
  const lines = covered.map((name) => `"${name}": ${valueOf(parts, name)}\n`);
  return new TextEncoder().encode(`${lines.join("")}"@signature-params": ${params}`);
}

function valueOf(parts: SignedParts, name: Component): string {
  switch (name) {
    case "@method":
      return parts.method;
    case "@authority":
      return parts.authority.toLowerCase();
    case "@path":
      return parts.path;
    case "@query":
      return parts.query === "" ? "?" : parts.query;
    case "content-digest":
      return parts.contentDigest ?? "";
    case "skerry-counter":
      return String(parts.counter);
  }
}

/** The headers that a signed request carries besides its own. `createdSeconds`: since 1970. */
export function signatureHeaders(
  signer: RequestSigner,
  parts: SignedParts,
  createdSeconds: number,
): Record<string, string> {
  const covered: Component[] = [...ALWAYS];
  if (parts.contentDigest !== null) covered.push("content-digest");
  const names = covered.map((name) => `"${name}"`).join(" ");
  const params = `(${names});created=${createdSeconds};keyid="${signer.keyId}";alg="ed25519"`;
  const signature = signer.sign(signatureBase(parts, covered, params));
  return {
    [HEADERS.counter]: String(parts.counter),
    ...(parts.contentDigest === null ? {} : { [HEADERS.digest]: parts.contentDigest }),
    [HEADERS.input]: `sig=${params}`,
    [HEADERS.signature]: `sig=:${encodeBase64(signature)}:`,
  };
}

const INPUT = /^sig=(\(("[a-z@-]+"(?: "[a-z@-]+")*)\)((?:;[a-z]+=(?:"[A-Za-z0-9+/=_-]*"|\d+))*))$/;
const SIGNATURE = /^sig=:([A-Za-z0-9+/]{86}==):$/;
const COUNTER = /^(?:0|[1-9]\d{0,18})$/;
/** Longer ones are none of ours. */
const MAX_INPUT = 512;

function bad(why: string): SkerryError {
  return new SkerryError(
    "bad_signature",
    `the request's signature is not taken: ${why}`,
    "Look for a proxy that changes requests, and use programs of the same version.",
  );
}

function componentOf(quoted: string): Component {
  const name = quoted.slice(1, -1);
  if (name === "content-digest") return name;
  const known = ALWAYS.find((each) => each === name);
  if (known !== undefined) return known;
  throw bad(`it covers "${name}", which is unknown`);
}

/** Does a request bear a signature, be it a wrong one? */
export function isSigned(headers: Headers): boolean {
  return headers.has(HEADERS.input) || headers.has(HEADERS.signature);
}

/** Reads a request's signature. Errors: `bad_signature` (it is malformed, or covers too little). */
export function readSignature(headers: Headers): RequestSignature {
  const input = headers.get(HEADERS.input) ?? "";
  const found = input.length > MAX_INPUT ? null : INPUT.exec(input);
  const [, params, names, parameters] = found ?? [];
  if (params === undefined || names === undefined || parameters === undefined) {
    throw bad(`Signature-Input is "${input.slice(0, 80)}"`);
  }
  const covered = names.split(" ").map(componentOf);
  if (new Set(covered).size !== covered.length) throw bad("it covers something twice");
  for (const name of ALWAYS) {
    if (!covered.includes(name)) throw bad(`it does not cover "${name}"`);
  }
  const values = new Map<string, string>();
  for (const each of parameters.split(";").slice(1)) {
    const at = each.indexOf("=");
    const name = each.slice(0, at);
    if (values.has(name)) throw bad(`it has the parameter "${name}" twice`);
    values.set(name, each.slice(at + 1));
  }
  const algorithm = values.get("alg");
  if (algorithm !== undefined && algorithm !== '"ed25519"') throw bad(`it is by ${algorithm}`);
  const keyId = /^"(.+)"$/.exec(values.get("keyid") ?? "")?.[1];
  if (keyId === undefined) throw bad("it names no key");
  const counterText = headers.get(HEADERS.counter) ?? "";
  const counter = COUNTER.test(counterText) ? BigInt(counterText) : MAX_COUNTER + 1n;
  if (counter > MAX_COUNTER) throw bad(`Skerry-Counter is "${counterText.slice(0, 40)}"`);
  const encoded = SIGNATURE.exec(headers.get(HEADERS.signature) ?? "")?.[1];
  if (encoded === undefined) throw bad("Signature is no base64 of 64 bytes named sig");
  const created = values.get("created");
  return {
    keyId,
    created: created !== undefined && /^\d{1,15}$/.test(created) ? Number(created) : null,
    counter,
    covered,
    params,
    signature: decodeBase64(encoded),
  };
}

/**
 * Throws `bad_signature` unless the signature is that key's over these parts. A Content-Digest that
 * is there must be covered; whether it is the body's is for {@link checkBody} to say.
 * @param authorities those that requests may be for, in lower case
 */
export function verifySignature(
  read: RequestSignature,
  parts: SignedParts,
  publicKey: Uint8Array,
  authorities: readonly string[],
): void {
  if (!authorities.includes(parts.authority.toLowerCase())) {
    throw bad(`it is for "${parts.authority.slice(0, 80)}", which is not the control plane's name`);
  }
  if (read.covered.includes("content-digest") !== (parts.contentDigest !== null)) {
    throw bad("Content-Digest must be covered where there is one");
  }
  const base = signatureBase(parts, read.covered, read.params);
  if (!verifyBytes(publicKey, base, read.signature)) throw bad("it does not fit the request");
}

/** Throws `bad_digest` unless the body is the one whose digest was signed. */
export function checkBody(digest: string | null, body: Uint8Array): void {
  if (digest === null ? body.length === 0 : digest === contentDigest(body)) return;
  throw new SkerryError(
    "bad_digest",
    digest === null
      ? "the request has a body that its signature does not cover"
      : "the request's body is not the one that was signed",
    "Look for a proxy that changes requests.",
  );
}
