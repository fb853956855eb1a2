/** What callers who are not logged in may take of the control plane: little, and not for long. */
import { networkOf } from "../../shared/network_of.ts";
import { SkerryError } from "../../shared/errors.ts";
import { limitedBody } from "../limited_body.ts";
import { RetryLater } from "../retry_later.ts";
import { type BodyPace, watchedBody } from "../watched_body.ts";
import type { Context } from "../context.ts";
import type { Caller } from "./caller.ts";

/** Logins and links are all that strangers send. */
const STRANGER_BYTES = 64 << 10;
/** Requests of strangers of one network that are answered at one time, and of all. */
const AT_ONCE = 32;
const AT_ONCE_IN_ALL = 1000;

/** Slower than any link that people work over; a modem may go and come again. */
const STEADY: BodyPace = { wholeMs: null, leastBytes: 4096, spanMs: 90_000 };
const STRANGERS: BodyPace = { wholeMs: 20_000, leastBytes: 1, spanMs: 20_000 };
/** A node that joins tells the addresses of what it runs. */
const JOINING: BodyPace = { wholeMs: 90_000, leastBytes: 1, spanMs: 90_000 };

function tooLong(): SkerryError {
  return new SkerryError(
    "too_large",
    `the body of a request without a login has more than ${STRANGER_BYTES >> 10} KiB`,
    "Log in first.",
  );
}

/** The body as it may come from this caller; an error of it is `too_slow` or `too_large`. */
function bodyOf(
  { clock }: Pick<Context, "clock">,
  request: Request,
  body: ReadableStream<Uint8Array>,
  caller: Caller,
): ReadableStream<Uint8Array> {
  switch (caller.kind) {
    case "root":
      return body;
    case "user":
    case "node":
      return watchedBody(body, STEADY, clock);
    case "key":
      return watchedBody(body, JOINING, clock);
    case "anonymous":
      if (Number(request.headers.get("content-length") ?? "0") > STRANGER_BYTES) throw tooLong();
      return limitedBody(watchedBody(body, STRANGERS, clock), STRANGER_BYTES, tooLong);
  }
}

/** The request, with a body that has to come as it should from this caller. Error `too_large`. */
export function bounded(
  context: Pick<Context, "clock">,
  request: Request,
  caller: Caller,
): Request {
  if (request.body === null || caller.kind === "root") return request;
  return new Request(request, { body: bodyOf(context, request, request.body, caller) });
}

/** Who of the strangers is being answered. */
export interface Strangers {
  /** Error `too_many_requests`. Dispose of it when there is an answer; for others it is nothing. */
  enter(caller: Caller): Disposable;
}

const NOTHING: Disposable = { [Symbol.dispose]: () => undefined };

/** Nobody is there yet. */
export function createStrangers(): Strangers {
  const running = new Map<string, number>();
  let all = 0;
  return {
    enter(caller) {
      if (caller.kind !== "anonymous" || caller.address === null) return NOTHING;
      const network = networkOf(caller.address);
      const count = running.get(network) ?? 0;
      if (count >= AT_ONCE || all >= AT_ONCE_IN_ALL) {
        throw new RetryLater(
          "too_many_requests",
          count >= AT_ONCE
            ? `${AT_ONCE} requests without a login from ${network} are under way already`
            : `${AT_ONCE_IN_ALL} requests without a login are under way already`,
          "Wait for the others to end; those who are logged in are not held up.",
          1,
        );
      }
      running.set(network, count + 1);
      all += 1;
      let left = false;
      return {
        [Symbol.dispose]() {
          if (left) return;
          left = true;
          all -= 1;
          const still = (running.get(network) ?? 1) - 1;
          if (still > 0) running.set(network, still);
          else running.delete(network);
        },
      };
    },
  };
}
