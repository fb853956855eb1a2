/** Which control plane a command means: that of this machine, or one elsewhere. */
import type { HomeLayout } from "../shared/home.ts";
import { SkerryError } from "../shared/errors.ts";
import {
  type ContextBook,
  type ContextEntry,
  ContextName,
  createContextBook,
  LOCAL,
} from "./contexts/book.ts";
import { homeFrom } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

export type Place =
  | { readonly kind: "here"; readonly layout: HomeLayout }
  | { readonly kind: "away"; readonly name: string; readonly entry: ContextEntry };

export interface Written {
  /** As written after --home. */
  readonly home?: string;
  /** As written after --context. */
  readonly context?: string;
}

type Env = Readonly<Record<string, string | undefined>>;

/** A context's name as it was written. Throws UsageError. */
export function contextName(written: string): string {
  const parsed = ContextName.safeParse(written);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    `${JSON.stringify(written.slice(0, 100))} is no name of a context`,
    parsed.error.issues[0]?.message ?? null,
  );
}

/**
 * --context or --home, else SKERRY_CONTEXT, else SKERRY_HOME, else the context that is in use, else
 * this machine.
 */
export async function placeOf(
  written: Written,
  env: Env,
  cwd: string,
  book: ContextBook = createContextBook(env),
): Promise<Place> {
  const here = (): Place => ({ kind: "here", layout: homeFrom(written.home, env, cwd) });
  if (written.context !== undefined && written.home !== undefined) {
    throw new UsageError("--context and --home exclude each other", "leave one of them away");
  }
  if (written.home !== undefined) return here();
  const named = written.context ?? (env["SKERRY_CONTEXT"] || undefined);
  if (named === LOCAL || named === undefined && (env["SKERRY_HOME"] ?? "") !== "") return here();
  const { current, contexts } = await book.read();
  const name = named === undefined ? current : contextName(named);
  if (name === null) return here();
  const entry = contexts[name];
  if (entry !== undefined) return { kind: "away", name, entry };
  throw new SkerryError(
    "no_context",
    `there is no context "${name}"`,
    "`skerry context list` lists those that there are; `skerry login URL` makes one",
  );
}
