/**
 * Takes secrets out of what travels in a support archive. Pure. It removes more than it must: a
 * text that is harmless and missing costs a question, a password that is there cannot be taken back.
 */

export const REMOVED = "[removed]";

/** Words in a name that say: what it holds is secret. */
const SECRET_WORD =
  "(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[-_]?key|access[-_]?key|private[-_]?key|credential|auth|bearer|cookie|session|signature|sealed|salt|pin\\b|totp|otp)";

interface Pattern {
  readonly found: RegExp;
  readonly instead: string;
}

const PATTERNS: readonly Pattern[] = [
  // Keys in PEM, also where newlines are written \n.
  {
    found:
      /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g,
    instead: REMOVED,
  },
  // Headers, to the end of the line or the quote.
  {
    found:
      /((?:proxy-)?authorization|(?:set-)?cookie|x-[a-z-]*(?:key|token|auth)[a-z-]*)(["']?\s*[:=]\s*\[?["']?)[^"'\n\r\]}]*/gi,
    instead: `$1$2${REMOVED}`,
  },
  { found: /\b(Bearer|Basic|Digest|Negotiate)\s+[^\s"',}\]]+/gi, instead: `$1 ${REMOVED}` },
  // Whoever stands in a URL before the @.
  { found: /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"'<>]*(?:@|%40)/gi, instead: `$1${REMOVED}@` },
  // What stands behind the ? of a URL or a request's path.
  { found: /(\/[^\s"'?<>]*)\?[^\s"'<>]+/g, instead: `$1?${REMOVED}` },
  { found: /\/setup\/[A-Za-z0-9_-]{8,}/g, instead: `/setup/${REMOVED}` },
  // Tokens by their form: ours, JWTs, and those of well-known services.
  { found: /\b(?:skt|skl|sks|ske)_[A-Za-z0-9_-]{8,}/g, instead: REMOVED },
  { found: /\beyJ[A-Za-z0-9_-]{6,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?/g, instead: REMOVED },
  {
    found:
      /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|AKIA|ASIA|AIza|sk-|sk_live_|rk_live_|npm_|dckr_pat_|hf_|AGE-SECRET-KEY-)[A-Za-z0-9_-]{8,}/g,
    instead: REMOVED,
  },
  // Hashes of passwords.
  { found: /\$(?:2[aby]|apr1|1|5|6|y|argon2id?|scrypt)\$[^\s"',]+/g, instead: REMOVED },
  // Names that say it, as JSON, YAML, assignment or option.
  {
    found: new RegExp(
      `(["']?[\\w.-]*${SECRET_WORD}[\\w.-]*\\\\?["']?\\s*[:=]\\s*)(\\\\?"(?:[^"\\\\]|\\\\[^"])*\\\\?"|'[^']*'|[^\\s,"'{}\\[\\]]+)`,
      "gi",
    ),
    instead: `$1"${REMOVED}"`,
  },
  {
    found: new RegExp(`(--?[\\w-]*${SECRET_WORD}[\\w-]*)(["']?,\\s*["']?|\\s+)[^\\s"',\\]]+`, "gi"),
    instead: `$1$2${REMOVED}`,
  },
  // Variables of an environment.
  {
    found: /\b([A-Z][A-Z0-9_]{1,100})=("(?:[^"\\]|\\.)*"|'[^']*'|[^\s"',\]]+)/g,
    instead: `$1=${REMOVED}`,
  },
  { found: /("[A-Z][A-Z0-9_]{2,100}"\s*:\s*)"(?:[^"\\]|\\.)*"/g, instead: `$1"${REMOVED}"` },
];

/** Shorter values stand in too many words that are no secrets. */
const LEAST = 4;

/**
 * A text without secrets.
 * @param known values that are secret on this box: they go wherever they stand, also as base64, in
 *   JSON's or a URL's escapes
 */
export function redact(text: string, known: readonly string[] = []): string {
  let left = text;
  for (const value of forms(known)) left = left.replaceAll(value, REMOVED);
  for (const { found, instead } of PATTERNS) left = left.replaceAll(found, instead);
  return left;
}

function forms(known: readonly string[]): string[] {
  const all = known.flatMap((value) => [value, ...value.split("\n")])
    .map((value) => value.trim()).filter((value) => value.length >= LEAST)
    .flatMap((value) => [
      value,
      JSON.stringify(value).slice(1, -1),
      encodeURIComponent(value.toWellFormed()),
      new TextEncoder().encode(value).toBase64({ omitPadding: true }),
    ]);
  // The longest first: a part of one may be another.
  return [...new Set(all)].sort((a, b) => b.length - a.length);
}

/** Fields of a wanted spec that hold no text of people. */
const PLAIN = new Set([
  "image",
  "replicas",
  "restart",
  "ports",
  "networks",
  "mem_limit",
  "mem_reservation",
  "memory",
  "cpus",
  "pids",
  "pids_limit",
  "init",
  "user",
  "privileged",
  "read_only",
  "kind",
  "order",
  "stop_signal",
  "stop_grace_period",
  "mounts",
]);
/** Keys whose values never leave, whatever they are. */
const CLOSED =
  /^(environment|env|labels|annotations|command|entrypoint|args|argv|cmd|healthcheck|test|sealed.*|password|value|secretValues)$/i;

const SECRET_KEY = new RegExp(SECRET_WORD, "i");
const VARIABLE = /^[A-Z][A-Z0-9_]{2,100}$/;

/**
 * A JSON value without what people put into commands, variables and labels, and without what its
 * keys or its texts show to be secret.
 */
export function redactJson(value: unknown, known: readonly string[] = []): unknown {
  if (typeof value === "string") return redact(value, known);
  if (Array.isArray(value)) return value.map((each) => redactJson(each, known));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const field = entries.find(([key]) => key === "field")?.[1];
  return Object.fromEntries(
    entries.map(([key, each]): [string, unknown] => {
      const name = redact(key, known);
      if (typeof field === "string") {
        if (key === "field") return [name, redact(field, known)];
        return [name, PLAIN.has(field) ? redactJson(each, known) : REMOVED];
      }
      const closed = CLOSED.test(key) && each !== null ||
        typeof each === "string" && (SECRET_KEY.test(key) || VARIABLE.test(key));
      return [name, closed ? REMOVED : redactJson(each, known)];
    }),
  );
}
