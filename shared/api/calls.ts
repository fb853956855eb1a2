/** What the parts of the typed client are made of: one call to an operation. */
import type { z } from "zod";
import type { Endpoint } from "./endpoint.ts";

/** What a request carries. */
export interface Sent {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: BodyInit;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
}

/** How the client sends. */
export interface ApiCalls {
  json<S extends z.ZodType>(
    described: Endpoint & { readonly answer: { readonly json: S } },
    sent?: Sent,
  ): Promise<z.infer<S>>;
  nothing(described: Endpoint, sent: Sent): Promise<void>;
}
