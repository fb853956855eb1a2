/**
 * The contexts of a person: control planes elsewhere that they logged in to, in one file that nobody
 * else may read, since it holds tokens.
 */
import { dirname, join } from "node:path";
import { z } from "zod";
import { readTextIfThere, writeFileAtomically } from "../../shared/atomic_file.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";

/** `local` is the control plane of this machine. */
export const LOCAL = "local";
export const ContextName = z.string().regex(
  /^[a-z0-9][a-z0-9._-]{0,62}$/,
  "write lower-case letters, digits, dots, _ and -, at most 63",
);

/** A control plane elsewhere, and who one is there. */
export const ContextEntry = z.strictObject({
  url: z.url({ protocol: /^https$/ }),
  user: z.string().nullable(),
  token: z.string().min(1).max(1_000),
  /** Certificate (PEM) of its authority, pinned at the first contact; null: publicly known. */
  authority: z.string().nullable(),
});
export type ContextEntry = Readonly<z.infer<typeof ContextEntry>>;

const Book = z.strictObject({
  schema: z.literal(1),
  /** The one that is used where none is named; null: the control plane of this machine. */
  current: ContextName.nullable(),
  contexts: z.record(ContextName, ContextEntry),
});
export type Book = Readonly<z.infer<typeof Book>>;

export interface ContextBook {
  readonly path: string;
  /** Empty where there is no file. Errors: `config_open`, `config_damaged`. */
  read(): Promise<Book>;
  write(book: Book): Promise<void>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Where the file lies; null: there is no home folder. */
export function bookPath(env: Env): string | null {
  const config = env["XDG_CONFIG_HOME"] ?? "";
  if (config.startsWith("/")) return join(config, "skerry", "config.json");
  const home = env["HOME"] ?? "";
  return home === "" ? null : join(home, ".config", "skerry", "config.json");
}

export function createContextBook(env: Env): ContextBook {
  const path = bookPath(env);
  return {
    path: path ?? "",
    async read() {
      const text = path === null ? null : await readTextIfThere(path);
      if (text === null || path === null) return { schema: 1, current: null, contexts: {} };
      await checkMode(path);
      return parse(path, text);
    },
    async write(book) {
      if (path === null) {
        throw new SkerryError(
          "no_config_folder",
          "there is no folder for the login: neither HOME nor XDG_CONFIG_HOME is set",
          "set HOME",
        );
      }
      await Deno.mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await writeFileAtomically(path, JSON.stringify(Book.parse(book), null, 2) + "\n", 0o600);
    },
  };
}

async function checkMode(path: string): Promise<void> {
  const { mode, uid } = await Deno.stat(path);
  if (mode === null || (mode & 0o077) === 0 && (uid === Deno.uid() || Deno.uid() === 0)) return;
  const open = (mode & 0o077) !== 0;
  throw new SkerryError(
    "config_open",
    open
      ? `others may read or write "${path}", which holds tokens (mode ${
        (mode & 0o777).toString(8)
      })`
      : `"${path}" is somebody else's (user ${uid})`,
    open
      ? `chmod 600 ${path}; where somebody else may have read it: skerry logout, then log in anew`
      : "remove it, or set XDG_CONFIG_HOME to a folder of your own",
  );
}

function parse(path: string, text: string): Book {
  const damaged = (why: string, cause: unknown) =>
    new SkerryError(
      "config_damaged",
      `"${path}" cannot be understood: ${why}`,
      "mend it, or remove it and log in anew with `skerry login`",
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    // The parser's own words quote the file, in which there are tokens.
    throw damaged(`it is no JSON${/ at .*$/.exec(messageOf(thrown))?.[0] ?? ""}`, null);
  }
  const parsed = Book.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw damaged(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}`, null);
  }
  const { current, contexts } = parsed.data;
  if (current !== null && contexts[current] === undefined) {
    throw damaged(`it uses the context "${current}", which is not in it`, null);
  }
  return parsed.data;
}

/** A book with this context in it, used from now on. */
export function withContext(book: Book, name: string, entry: ContextEntry): Book {
  return { ...book, current: name, contexts: { ...book.contexts, [name]: entry } };
}

/** A book without this context. */
export function withoutContext(book: Book, name: string): Book {
  const { [name]: _gone, ...contexts } = book.contexts;
  return { ...book, current: book.current === name ? null : book.current, contexts };
}
