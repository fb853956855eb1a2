/** Git addresses as the context of a build: `https://host/path.git#ref:folder`. Pure. */

export interface GitAddress {
  /** What git is given. */
  readonly url: string;
  /** Branch, tag or full commit id; HEAD where none is written. */
  readonly ref: string;
  /** Below the top of the repository; empty: the top. */
  readonly folder: string;
}

export type GitReading =
  | { readonly kind: "git"; readonly address: GitAddress }
  /** Not a git address at all. */
  | { readonly kind: "other" }
  | { readonly kind: "wrong"; readonly message: string; readonly remedy: string };

const SCP = /^git@[A-Za-z0-9][A-Za-z0-9.-]*:[A-Za-z0-9_~./][^:]*$/;
const REF = /^[A-Za-z0-9_](?!.*\.\.)[A-Za-z0-9._/+@-]{0,254}$/;

function wrong(message: string, remedy: string): GitReading {
  return { kind: "wrong", message, remedy };
}

/** The address that git is given, or null where the text is none. */
function repository(text: string): string | null {
  if (/^github\.com\/[^/]+\/[^/]+/.test(text)) return `https://${text}`;
  if (SCP.test(text)) return text;
  const url = URL.parse(text);
  if (url === null || url.hostname === "") return null;
  switch (url.protocol) {
    case "git:":
    case "ssh:":
      return text;
    case "http:":
    case "https:":
      return url.pathname.endsWith(".git") || url.hostname === "github.com" ? text : null;
    default:
      return null;
  }
}

/** Whether a context that was read is a git address; all others are absolute paths. */
export function isGitContext(context: string): boolean {
  return !context.startsWith("/");
}

/** Reads a build's context as a git address. No message quotes a password. */
export function readGitAddress(text: string): GitReading {
  const hash = text.indexOf("#");
  const before = hash === -1 ? text : text.slice(0, hash);
  const url = repository(before);
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (url === null || url.length > 2048 || /[\x00-\x20\x7f]/.test(url)) return { kind: "other" };
  const parsed = URL.parse(url);
  const named = parsed !== null && (parsed.protocol === "http:" || parsed.protocol === "https:")
    ? parsed.username !== "" || parsed.password !== ""
    : parsed !== null && parsed.password !== "";
  if (named) {
    return wrong(
      "the git address of the build context bears a name or password",
      "leave it out of the address and keep it in git's credential helper, or use ssh",
    );
  }
  if (parsed !== null && parsed.hostname.startsWith("-")) return { kind: "other" };
  const [ref = "", ...rest] = hash === -1 ? [] : text.slice(hash + 1).split(":");
  const folder = rest.join(":").replace(/^\/+|\/+$/g, "");
  if (ref !== "" && !REF.test(ref)) {
    return wrong(
      `"${ref}" cannot be a branch, tag or commit of git`,
      "write it as in https://example.com/app.git#main:folder",
    );
  }
  if (folder.split("/").includes("..")) {
    return wrong(
      `the folder "${folder}" leads out of the git repository`,
      "write a folder below the top of the repository",
    );
  }
  return { kind: "git", address: { url, ref: ref === "" ? "HEAD" : ref, folder } };
}
