/** How specs are read: for many of them by code that zod compiles, for few without. */
import { z } from "zod";
import { ServiceSpec } from "../../shared/model/service_spec.ts";

/** Compiling takes as long as reading some two hundred specs without it (`deno task bench compose`). */
const MANY = 200;

export interface SpecReaders {
  /** Reads one of so many specs; null: `ServiceSpec` says what is wrong with it. */
  of(count: number): (draft: unknown) => ServiceSpec | null;
}

/** What was compiled is kept. */
export function createSpecReaders(): SpecReaders {
  let compiled: typeof ServiceSpec | null = null;
  return {
    of(count) {
      if (count >= MANY) compiled ??= z.compile(ServiceSpec);
      const schema = compiled ?? ServiceSpec;
      return (draft) => schema.safeParse(draft).data ?? null;
    },
  };
}
