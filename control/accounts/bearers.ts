/** Sessions and API tokens: made, found by what a request bears, ended. Of each secret a hash is kept. */
import type { MadeToken } from "../../shared/api/accounts.ts";
import { SkerryError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/model/hash.ts";
import { type AccountId, SessionId, TokenId } from "../../shared/model/ids.ts";
import { type Grant, intersection } from "../../shared/model/role.ts";
import type { Caller } from "../authz/caller.ts";
import { type Context, newId } from "../context.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { SessionRow } from "../store/logins.ts";
import type { Bearer } from "./revocations.ts";

export type User = Extract<Caller, { kind: "user" }>;

/** Bound to this host and to HTTPS by its name. */
export const SESSION_COOKIE = "__Host-skerry";
/** What every API token begins with. */
export const TOKEN_PREFIX = "skt_";

const DAY_MS = 86_400_000;
/** That something was used is written at most this often. */
const TOUCH_MS = 60_000;
const MAX_SESSIONS = 50;
const MAX_TOKENS = 100;

/** 256 bits for a cookie, a token or a link. */
export function makeSecret({ random }: Pick<Context, "random">): string {
  return random(32).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** The header that gives a browser its session. */
export function cookieOf(secret: string, seconds: number): string {
  return `${SESSION_COOKIE}=${secret}; Path=/; Max-Age=${seconds}; Secure; HttpOnly; SameSite=Strict`;
}

/** The header that takes it away. */
export const NO_COOKIE = cookieOf("", 0);

/** Where a login comes from. */
export interface Origin {
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** A session of an account; within a transaction. `cookie` is for a `Set-Cookie` header. */
export function beginSession(
  context: Context,
  account: AccountId,
  { address, userAgent }: Origin,
): { readonly session: SessionRow; readonly cookie: string } {
  const { store, clock } = context;
  const { sessionHours, sessionIdleMinutes } = store.settings.login();
  const now = clock.now();
  store.logins.dropSessions(now - sessionIdleMinutes * 60_000, now);
  for (const { id } of store.logins.sessions(account).slice(MAX_SESSIONS - 1)) {
    endSession(context, id, account);
  }
  const secret = makeSecret(context);
  const session: SessionRow = {
    id: SessionId.parse(newId(context, "ses")),
    accountId: account,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: now + sessionHours * 3_600_000,
    address,
    lastAddress: address,
    userAgent: userAgent?.replace(/\p{C}/gu, "").slice(0, 200) ?? null,
  };
  store.logins.addSession(session, sha256(secret));
  return { session, cookie: cookieOf(secret, sessionHours * 3_600) };
}

/** False: the account has no such session. */
export function endSession(
  { store, logins }: Pick<Context, "store" | "logins">,
  id: SessionId,
  account: AccountId,
): boolean {
  const ended = store.logins.removeSession(id, account);
  if (ended) logins.revocations.end(id);
  return ended;
}

/** Ends what is open by sessions and tokens that are there no more, or whose time is over. */
export function endExpired(
  { store, logins, clock }: Pick<Context, "store" | "logins" | "clock">,
): void {
  const now = clock.now();
  const valid = new Set<Bearer>(
    [...store.logins.sessions(null), ...store.logins.tokens(null)]
      .filter(({ expiresAt }) => expiresAt === null || now < expiresAt).map(({ id }) => id),
  );
  logins.revocations.end(...logins.revocations.bearers().filter((each) => !valid.has(each)));
}

/** False: the account has no such token. */
export function endToken(
  { store, logins }: Pick<Context, "store" | "logins">,
  id: TokenId,
  account: AccountId,
): boolean {
  const ended = store.logins.removeToken(id, account);
  if (ended) logins.revocations.end(id);
  return ended;
}

/** An API token of an account; within a transaction. */
export function makeToken(
  context: Context,
  account: AccountRow,
  asked: {
    readonly name: string;
    /** Null: all that the account has, also later. */
    readonly grants: readonly Grant[] | null;
    /** Null: for ever. */
    readonly expiresInDays: number | null;
  },
  /** It does not outlive the token that makes it. */
  by: User | null,
): MadeToken {
  const { store, clock } = context;
  const now = clock.now();
  if (store.logins.tokens(account.id).length >= MAX_TOKENS) {
    throw new SkerryError(
      "too_many_tokens",
      `account "${account.name}" has ${MAX_TOKENS} API tokens`,
      "Revoke those that are not used: `skerry token list`.",
    );
  }
  const wished = asked.expiresInDays === null ? null : now + asked.expiresInDays * DAY_MS;
  const maker = by?.by.kind === "token"
    ? store.logins.tokens(by.account).find(({ id }) => id === by.by.id)
    : undefined;
  const bound = maker?.expiresAt ?? null;
  const expiresAt = wished === null || bound !== null && bound < wished ? bound : wished;
  const wanted = asked.grants === null
    ? maker?.grants ?? null
    : maker?.grants === null || maker === undefined
    ? [...asked.grants]
    : intersection(asked.grants, maker.grants);
  const token = TOKEN_PREFIX + makeSecret(context);
  const id = TokenId.parse(newId(context, "tok"));
  store.logins.addToken({
    id,
    accountId: account.id,
    name: asked.name,
    grants: wanted,
    createdAt: now,
    expiresAt,
    lastUsedAt: null,
    lastAddress: null,
  }, sha256(token));
  return { id, token, expiresAt };
}

/** Whose session this is; null: nobody's any more. `attended`: its use keeps it from going idle. */
export function userOfSession(
  { store, clock }: Pick<Context, "store" | "clock">,
  secret: string,
  { address, attended }: { readonly address: string | null; readonly attended: boolean },
): User | null {
  const session = store.logins.session(sha256(secret));
  if (session === null) return null;
  const now = clock.now();
  const idleMs = store.settings.login().sessionIdleMinutes * 60_000;
  if (now >= session.expiresAt || now - session.lastSeenAt >= idleMs) return null;
  const account = store.accounts.get(session.accountId);
  if (account === null || account.disabled) return null;
  const isNews = now - session.lastSeenAt >= TOUCH_MS || session.lastAddress !== address;
  if (attended && isNews) {
    store.logins.touchSession(session.id, now, address);
  }
  return {
    kind: "user",
    account: account.id,
    name: account.name,
    by: { kind: "session", id: session.id },
    grants: store.accounts.grants(account.id),
    address,
  };
}

/** Whose token this is; error `token_invalid`. */
export function userOfToken(
  { store, clock }: Pick<Context, "store" | "clock">,
  secret: string,
  address: string | null,
): User {
  const token = store.logins.token(sha256(secret));
  const now = clock.now();
  const account = token === null ? null : store.accounts.get(token.accountId);
  const isOver = token !== null && token.expiresAt !== null && now >= token.expiresAt;
  if (token === null || account === null || account.disabled || isOver) {
    throw new SkerryError(
      "token_invalid",
      "the API token is not known here, was revoked or has expired",
      "Make another one: `skerry login URL`, or `skerry token create`.",
    );
  }
  if (token.lastUsedAt === null || now - token.lastUsedAt >= TOUCH_MS) {
    store.logins.touchToken(token.id, now, address);
  }
  const grants = store.accounts.grants(account.id);
  return {
    kind: "user",
    account: account.id,
    name: account.name,
    by: { kind: "token", id: token.id, limited: token.grants !== null },
    grants: token.grants === null ? grants : intersection(grants, token.grants),
    address,
  };
}
