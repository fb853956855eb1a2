/**
 * Who sent a request: where it bears a signature its signer alone; where it bears an API token or a
 * session whose that is; else whom the transport vouches for.
 */
import { PublicKey } from "../../shared/api/agent.ts";
import { LIMITS } from "../../shared/api/limits.ts";
import { SkerryError } from "../../shared/errors.ts";
import { KeyId } from "../../shared/model/ids.ts";
import { decodeBase64 } from "../../shared/signing/base64.ts";
import {
  checkBody,
  HEADERS,
  isSigned,
  readSignature,
  verifySignature,
} from "../../shared/signing/request.ts";
import { SESSION_COOKIE, userOfSession, userOfToken } from "../accounts/bearers.ts";
import { readBytes } from "../api/route.ts";
import type { Context } from "../context.ts";
import type { KeyRow } from "../store/nodes.ts";
import type { Caller, Vouched } from "./caller.ts";
import { checkOrigin } from "./origin.ts";
import { bounded } from "./strangers.ts";

/** A node whose clock differs by more is worth a line in the log; it gets in all the same. */
const SKEW_MS = 300_000;

/** On what the pages' own code asks for again and again (ui/client). */
export const UNATTENDED_HEADER = "x-skerry-unattended";

export interface Identified {
  /** With its body, which was read to check it. */
  readonly request: Request;
  readonly caller: Caller;
}

type Known = { readonly publicKey: string; readonly row: KeyRow | null };

/** By a key's id, or by the public key itself: of a node that has not joined yet. */
function signerOf(context: Context, keyId: string): Known {
  const { nodes } = context.store;
  const id = KeyId.safeParse(keyId);
  if (id.success) {
    const row = nodes.keyById(id.data);
    if (row?.use === "sign") return { publicKey: row.publicKey, row };
  } else if (PublicKey.safeParse(keyId).success) {
    const row = nodes.keyByPublic(keyId);
    if (row === null || row.use === "sign") return { publicKey: keyId, row };
  }
  throw new SkerryError(
    "unknown_key",
    `the request is signed with the key "${keyId.slice(0, 80)}", which is not known here`,
    "Join the node to this control plane again.",
  );
}

/**
 * Who sent what bears no signature: whoever holds its API token, or its session. Root stays root.
 * Errors: `token_invalid`, `foreign_origin`.
 */
function personOf(context: Context, request: Request, vouched: Vouched): Caller {
  const { headers } = request;
  const [scheme, token] = headers.get("authorization")?.trim().split(/\s+/) ?? [];
  if (vouched.kind === "anonymous" && scheme?.toLowerCase() === "bearer") {
    // No browser adds it by itself: where the request comes from does not count.
    return userOfToken(context, token ?? "", vouched.address);
  }
  const cookie = vouched.kind === "anonymous" && vouched.secure
    ? cookieIn(headers.get("cookie") ?? "")
    : null;
  checkOrigin(request, cookie !== null);
  if (vouched.kind === "root" || cookie === null) return vouched;
  const { address } = vouched;
  return userOfSession(context, cookie, { address, attended: !isUnattended(request) }) ?? vouched;
}

/**
 * Does an open page ask by itself, with nobody at it? It then keeps no session from going idle. Who
 * claims so of other requests makes their own session shorter.
 */
function isUnattended({ url, headers }: Request): boolean {
  return /^\/live(\/|$)/.test(new URL(url).pathname) || headers.has(UNATTENDED_HEADER);
}

/** What a browser sent as its session. */
function cookieIn(header: string): string | null {
  for (const pair of header.split(";")) {
    const [name, value] = pair.trim().split("=");
    if (name === SESSION_COOKIE && value !== undefined && value !== "") return value;
  }
  return null;
}

/**
 * Errors: `bad_signature`, `unknown_key`, `replayed`, `bad_digest`, `too_large`, `too_slow`. The counter is used
 * up before the body is read, so that of two that arrive at once one alone gets in.
 */
export async function identify(
  context: Context,
  request: Request,
  vouched: Vouched,
): Promise<Identified> {
  const { headers, method } = request;
  if (!isSigned(headers)) {
    const caller = personOf(context, request, vouched);
    return { request: bounded(context, request, caller), caller };
  }
  const read = readSignature(headers);
  const url = new URL(request.url);
  const digest = headers.get(HEADERS.digest);
  const parts = {
    method,
    authority: headers.get("host") ?? url.host,
    path: url.pathname,
    query: url.search,
    contentDigest: digest,
    counter: read.counter,
  };
  const { publicKey, row } = signerOf(context, read.keyId);
  verifySignature(read, parts, decodeBase64(publicKey), context.settings.authorities);
  if (row !== null && !context.replays.use(row.id, read.counter)) {
    throw new SkerryError(
      "replayed",
      `the request's counter ${read.counter} was used before, or is too old to tell`,
      "A node goes on by itself; if it stays so, its folder is an old copy: remove " +
        "agent/keys/counter.json in its home.",
    );
  }
  const caller: Caller = row !== null && row.id === read.keyId
    ? { kind: "node", node: row.nodeId }
    : { kind: "key", publicKey, counter: read.counter };
  const skewMs = read.created === null ? 0 : read.created * 1000 - context.clock.now();
  if (Math.abs(skewMs) > SKEW_MS) {
    context.log.debug("a node's clock differs", { publicKey, skewMs });
  }
  if (request.body === null) {
    checkBody(digest, new Uint8Array());
    return { request, caller };
  }
  const limit = caller.kind === "node" ? LIMITS.reportBytes : LIMITS.jsonBytes;
  const body = await readBytes(bounded(context, request, caller), limit);
  checkBody(digest, body);
  const { signal } = request;
  return { request: new Request(url, { method, headers, body, signal }), caller };
}
