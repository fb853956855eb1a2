/** What the sockets call for every packet: the current views, and the way out for what is not ours. */
import { answer, FORWARD } from "./answer.ts";
import type { Counters } from "./protocol.ts";
import type { Views } from "./views.ts";
import { putRcode, type Query, type QueryKind, RCODE } from "./wire.ts";

/** Resolves a question that is not ours. */
export interface Forwarder {
  /**
   * @param packet the query, whole, the caller's to give away
   * @param limitBytes what the asker takes
   * @returns the answer for that very query; SERVFAIL where none was found within the budget
   */
  resolve(packet: Uint8Array<ArrayBuffer>, limitBytes: number): Promise<Uint8Array<ArrayBuffer>>;
}

export interface Handler {
  /** Swapped whole when a configuration is applied. */
  views: Views;
  /** Whose way out an asker's questions take. */
  forwarderOf(asker: string): Forwarder;
  readonly counters: { -readonly [Key in keyof Counters]: Counters[Key] };
}

/** Writes the answer to `out`: its length, 0 for none, or {@link FORWARD}. */
export function handle(
  handler: Handler,
  asker: string,
  query: Query,
  kind: QueryKind,
  packet: Uint8Array,
  out: Uint8Array,
  limitBytes: number,
): number {
  handler.counters.queries++;
  const length = answer(handler.views.of(asker), query, kind, packet, out, limitBytes);
  if (length !== FORWARD) return length;
  handler.counters.forwarded++;
  return FORWARD;
}

/** SERVFAIL for a query, in bytes of its own. */
export function servfail(query: Query, packet: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(query.questionEnd + 32);
  return out.subarray(0, putRcode(out, query, packet, RCODE.SERVFAIL, 0x0080));
}
