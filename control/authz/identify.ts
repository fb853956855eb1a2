/** Who sent a request: whom the transport vouches for, or, where it bears a signature, its signer alone. */
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
import { readBytes } from "../api/route.ts";
import type { Context } from "../context.ts";
import type { KeyRow } from "../store/nodes.ts";
import type { Caller, Vouched } from "./caller.ts";

/** A node whose clock differs by more is worth a line in the log; it gets in all the same. */
const SKEW_MS = 300_000;

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
 * Errors: `bad_signature`, `unknown_key`, `replayed`, `bad_digest`, `too_large`. The counter is used
 * up before the body is read, so that of two that arrive at once one alone gets in.
 */
export async function identify(
  context: Context,
  request: Request,
  vouched: Vouched,
): Promise<Identified> {
  const { headers, method } = request;
  if (!isSigned(headers)) return { request, caller: vouched };
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
  const body = await readBytes(request, limit);
  checkBody(digest, body);
  const { signal } = request;
  return { request: new Request(url, { method, headers, body, signal }), caller };
}
