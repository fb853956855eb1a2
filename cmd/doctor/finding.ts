/** One finding of `skerry doctor`. */

export interface Finding {
  readonly what: string;
  /** `warning`: it works, and may not for long; `bad`: something does not work because of it. */
  readonly state: "ok" | "warning" | "bad";
  readonly found: string;
  /** The command or sentence that mends it; null: nothing to do. */
  readonly remedy: string | null;
}

/** As it should be. */
export function ok(what: string, found: string): Finding {
  return { what, state: "ok", found, remedy: null };
}

/** It works, and people should know. */
export function warning(what: string, found: string, remedy: string | null = null): Finding {
  return { what, state: "warning", found, remedy };
}

/** Something does not work because of it. */
export function bad(what: string, found: string, remedy: string): Finding {
  return { what, state: "bad", found, remedy };
}

/** Debian's command for a package. */
export function install(name: string): string {
  return `apt-get install -y --no-install-recommends ${name}`;
}
