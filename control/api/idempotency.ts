/** Requests with an Idempotency-Key: a repeat is answered as the first was, and does nothing more. */
import { z } from "zod";
import type { Endpoint } from "../../shared/api/endpoint.ts";
import { IdempotencyKey } from "../../shared/api/limits.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import { canonicalJson, sha256 } from "../../shared/model/hash.ts";
import { decryptAtRest, encryptAtRest } from "../../shared/sealing/seal.ts";
import type { Caller } from "../authz/caller.ts";
import type { Context } from "../context.ts";
import { keyedHash } from "../keys.ts";
import { readBytes } from "./body.ts";

const KEPT_MS = 86_400_000;
/** Stands for an answer that is not there yet. */
const BEGUN = "";

const Answer = z.object({
  status: z.int(),
  headers: z.array(z.tuple([z.string(), z.string()])),
  body: z.string(),
});

/** Keys of different sessions and tokens never meet: each has its own rights. */
function holderOf(caller: Caller): string | null {
  switch (caller.kind) {
    case "root":
      return "root";
    case "user":
      return caller.by.id;
    case "node":
      return caller.node;
    case "key":
    case "anonymous":
      return null;
  }
}

/** What a repeat of this caller is known by; null: it is none. */
export function idempotencyKey(request: Request, caller: Caller): string | null {
  const key = request.headers.get("idempotency-key");
  const holder = holderOf(caller);
  if (key === null || holder === null) return null;
  if (IdempotencyKey.safeParse(key).success) return sha256(canonicalJson([holder, key]));
  throw new SkerryError(
    "bad_request",
    "the Idempotency-Key must have 1 to 200 printable ASCII characters",
    "Use a fresh UUID for each request.",
  );
}

/** Says nothing of what was asked to who reads the database: a password may be in it. */
function fingerprint({ keys }: Context, { url, method }: Request, body: Uint8Array | null): string {
  const { pathname, search } = new URL(url);
  const content = body === null ? null : sha256(body);
  return keyedHash(keys, "idempotency", [method, pathname, search, content]);
}

/** The answer of before; null: there is none, and from now on this request is begun. */
function begin({ store, clock }: Context, key: string, requestHash: string): string | null {
  return store.transaction(() => {
    store.changes.forgetAnswersBefore(clock.now() - KEPT_MS);
    const known = store.changes.answered(key);
    if (known === null) {
      store.changes.remember(key, requestHash, BEGUN, clock.now());
      return null;
    }
    if (known.requestHash !== requestHash) {
      throw new SkerryError(
        "idempotency_key_reused",
        "this Idempotency-Key was used for another request",
        "Use a fresh key for each request.",
      );
    }
    if (known.answer !== BEGUN) return known.answer;
    throw new SkerryError(
      "outcome_unknown",
      "a request with this Idempotency-Key was begun, and the control plane ended meanwhile",
      "Look whether it was done; if not, send it again with a fresh key.",
    );
  });
}

/** As it is stored: an answer may hold a one-time link. */
async function sealed({ keys, random }: Context, response: Response): Promise<string> {
  const answer: z.infer<typeof Answer> = {
    status: response.status,
    headers: [...response.headers],
    body: await response.clone().text(),
  };
  const bytes = new TextEncoder().encode(JSON.stringify(answer));
  return encryptAtRest(keys.master, bytes, random).toBase64();
}

function opened({ keys }: Context, stored: string): Response {
  const bytes = decryptAtRest(keys.master, Uint8Array.fromBase64(stored));
  const { status, headers, body } = Answer.parse(JSON.parse(new TextDecoder().decode(bytes)));
  return new Response(body, { status, headers });
}

/** What was done is done, also where this cannot be noted. */
function note({ store, log }: Context, work: () => void): void {
  try {
    store.transaction(work);
  } catch (thrown) {
    log.error("the answer to a request with a key was not kept", { why: messageOf(thrown) });
  }
}

/**
 * Carries a request out, or answers as before where it is a repeat. With a key it goes on to its end
 * though the asker left. An error is not kept: the next one tries again.
 */
export async function once(
  context: Context,
  described: Pick<Endpoint, "body">,
  request: Request,
  caller: Caller,
  carryOut: (request: Request) => Promise<Response>,
): Promise<Response> {
  const key = idempotencyKey(request, caller);
  if (key === null) return await carryOut(request);
  const { url, method, headers } = request;
  const body = described.body === null ? null : await readBytes(request, described.body.limitBytes);
  const requestHash = fingerprint(context, request, body);
  const { changes } = context.store;
  return await context.turns.take(key, async () => {
    const before = begin(context, key, requestHash);
    if (before !== null) return opened(context, before);
    let answer: string;
    let response: Response;
    try {
      response = await carryOut(new Request(url, { method, headers, body }));
      answer = await sealed(context, response);
    } catch (thrown) {
      note(context, () => changes.forgetAnswer(key));
      throw thrown;
    }
    note(context, () => changes.complete(key, answer));
    return response;
  });
}
