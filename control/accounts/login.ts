/** Logging in, and setting a password with a one-time link. */
import type {
  LinkAnswer,
  LinkLook,
  LoginAnswer,
  LoginRequest,
  SetupRequest,
} from "../../shared/api/accounts.ts";
import { AccountName } from "../../shared/api/accounts.ts";
import { SkerryError } from "../../shared/errors.ts";
import { sha256 } from "../../shared/model/hash.ts";
import { AccountId } from "../../shared/model/ids.ts";
import { holds } from "../../shared/model/role.ts";
import { networkOf } from "../../shared/network_of.ts";
import { type Context, newId } from "../context.ts";
import type { AccountRow, LinkRow } from "../store/accounts.ts";
import {
  beginSession,
  endSession,
  makeSecret,
  makeToken,
  type Origin,
  type User,
} from "./bearers.ts";
import { checkCode } from "./factors.ts";
import { checkPassword } from "./password_rules.ts";
import { meOf } from "./views.ts";

/** Of links that make the first administrator, and of those for an account. */
const LINK_MS = 86_400_000;
const TOKEN_DAYS = 90;

export interface LoggedIn {
  readonly answer: LoginAnswer;
  /** A `Set-Cookie` header; null: an API token was asked for. */
  readonly cookie: string | null;
}

/** Who changed what about accounts. */
export function noteAccount(
  { store, clock }: Pick<Context, "store" | "clock">,
  who: string,
  action: string,
  subject: string,
  summary: string,
): void {
  const at = clock.now();
  store.changes.add({ at, who, action: `account.${action}`, project: null, subject, summary });
}

/** Is there an administrator of everything who can log in? */
export function hasAdmin({ store }: Pick<Context, "store">, except?: AccountId): boolean {
  return store.accounts.list().some((account) =>
    account.id !== except && !account.disabled && account.password !== null &&
    holds(store.accounts.grants(account.id), "admin", null)
  );
}

/** A one-time link, in place of those before; within a transaction. */
export function makeLink(context: Context, account: AccountId | null): LinkAnswer {
  const { store, clock } = context;
  const token = makeSecret(context);
  const expiresAt = clock.now() + LINK_MS;
  store.accounts.dropOldLinks(clock.now());
  store.accounts.dropLinks(account);
  store.accounts.addLink(sha256(token), account, clock.now(), expiresAt);
  const path = `/setup/${token}`;
  return { token, path, url: context.settings.pageUrl + path, expiresAt };
}

/** Error `set_up_already`: there is an administrator. */
export function makeSetupLink(context: Context): LinkAnswer {
  return context.store.transaction(() => {
    if (hasAdmin(context)) {
      throw new SkerryError(
        "set_up_already",
        "there is an administrator already",
        "`skerry user reset NAME` on the box gives that one a fresh link.",
      );
    }
    return makeLink(context, null);
  });
}

function linkOf(context: Context, token: string): LinkRow {
  const { store, clock } = context;
  const link = store.accounts.link(sha256(token), clock.now());
  const isOver = link === null || link.accountId === null && hasAdmin(context);
  if (!isOver) return link;
  throw new SkerryError(
    "link_refused",
    "this link was used already, is too old, or was replaced by another one",
    "Root on the box makes a fresh one: `skerry user setup-link`, or `skerry user reset NAME`.",
  );
}

/** What a link is for. Errors: `link_refused`, `too_many`. */
export function lookAtLink(context: Context, token: string, { address }: Origin): LinkLook {
  using attempt = context.logins.limits.begin(`link ${networkOf(address)}`, address);
  try {
    const link = linkOf(context, token);
    const account = link.accountId === null ? null : context.store.accounts.get(link.accountId);
    return {
      kind: link.accountId === null ? "first_admin" : "password",
      name: account?.name ?? null,
      expiresAt: link.expiresAt,
    };
  } catch (thrown) {
    attempt.failed();
    throw thrown;
  }
}

/** Uses a link up. Errors: `link_refused`, `password_weak`, `name_taken`, `too_many`. */
export async function setup(
  context: Context,
  { token, name, password }: SetupRequest,
  origin: Origin,
): Promise<LoggedIn> {
  const { store, clock, logins } = context;
  using attempt = logins.limits.begin(`link ${networkOf(origin.address)}`, origin.address);
  let link: LinkRow;
  try {
    link = linkOf(context, token);
  } catch (thrown) {
    attempt.failed();
    throw thrown;
  }
  const known = link.accountId === null ? null : store.accounts.get(link.accountId);
  const called = known?.name ?? name;
  if (called === undefined) {
    throw new SkerryError("bad_request", "the first administrator needs a name", "Send a name.");
  }
  checkPassword(password, called);
  const hash = await logins.passwords.hash(password);
  return store.transaction(() => {
    // Meanwhile another request may have used it.
    linkOf(context, token);
    if (!store.accounts.useLink(sha256(token))) throw new Error("the link was there just now");
    const now = clock.now();
    const id = known?.id ?? AccountId.parse(newId(context, "acc"));
    if (known === null) {
      refuseTaken(context, called);
      store.accounts.add({ id, name: called, createdAt: now });
      store.accounts.setGrants(id, [{ role: "admin", project: null }]);
    }
    store.accounts.setPassword(id, hash, now);
    const what = known === null ? "became the first administrator" : "set a password";
    noteAccount(context, called, "setup", called, `${what}, by a one-time link${from(origin)}`);
    return begin(context, id, origin, null);
  });
}

/** Error `name_taken`. */
export function refuseTaken({ store }: Pick<Context, "store">, name: string): void {
  if (store.accounts.byName(name) === null) return;
  throw new SkerryError(
    "name_taken",
    `there is an account "${name}" already`,
    "Choose another name.",
  );
}

const from = ({ address }: Origin) => (address === null ? "" : ` from ${address}`);

/** A session, or a token; within a transaction. */
function begin(
  context: Context,
  id: AccountId,
  origin: Origin,
  token: NonNullable<LoginRequest["token"]> | null,
): LoggedIn {
  const { store, clock } = context;
  const account = accountById(context, id);
  store.accounts.noteLogin(id, clock.now());
  const user: Omit<User, "by"> = {
    kind: "user",
    account: id,
    name: account.name,
    grants: store.accounts.grants(id),
    address: origin.address,
  };
  if (token !== null) {
    const expiresInDays = token.expiresInDays ?? TOKEN_DAYS;
    const made = makeToken(context, account, { ...token, grants: null, expiresInDays }, null);
    const me = meOf(context, { ...user, by: { kind: "token", id: made.id, limited: false } });
    return { answer: { me, token: made }, cookie: null };
  }
  const { session, cookie } = beginSession(context, id, origin);
  const me = meOf(context, { ...user, by: { kind: "session", id: session.id } });
  return { answer: { me, token: null }, cookie };
}

function accountById({ store }: Pick<Context, "store">, id: AccountId): AccountRow {
  const account = store.accounts.get(id);
  if (account !== null) return account;
  throw new SkerryError("not_found", "the account is there no more");
}

/** Has this account a session from there? Then a flood from elsewhere does not slow it down. */
function isKnownFrom(
  { store }: Pick<Context, "store">,
  account: AccountId,
  address: string | null,
): boolean {
  const network = networkOf(address);
  return store.logins.sessions(account).some((each) => networkOf(each.address) === network);
}

/**
 * Errors: `login_failed` (name or password; which one is not said), `code_needed` and `code_wrong`
 * once the password is right, `too_many`, `login_busy`.
 * @param before a session of the same browser, which ends with the login
 */
export async function login(
  context: Context,
  { name, password, code, token }: LoginRequest,
  origin: Origin,
  before: User | null,
): Promise<LoggedIn> {
  const { store, logins } = context;
  const parsed = AccountName.safeParse(name);
  const called = parsed.success ? parsed.data : "";
  const account = called === "" ? null : store.accounts.byName(called);
  using attempt = logins.limits.begin(
    called,
    origin.address,
    account !== null && isKnownFrom(context, account.id, origin.address),
  );
  const usable = account === null || account.disabled ? null : account.password;
  const verified = await logins.passwords.verify(usable, password);
  const rehashed = verified === "outdated" ? await logins.passwords.hash(password) : null;
  const outcome = store.transaction((): LoggedIn | "password" | "needed" | "code" => {
    // What was read before may be other by now: a reset while the hash was made.
    const now = account === null ? null : store.accounts.get(account.id);
    if (now === null || verified === "wrong" || now.disabled || now.password !== usable) {
      return "password";
    }
    const { id } = now;
    const checked = checkCode(context, id, code);
    if (checked !== "right") return checked === "needed" ? "needed" : "code";
    if (rehashed !== null) store.accounts.setPassword(id, rehashed, now.passwordChangedAt ?? 0);
    if (before?.by.kind === "session") endSession(context, before.by.id, before.account);
    const what = token === undefined ? "logged in" : `logged in for the token "${token.name}"`;
    noteAccount(context, now.name, "login", now.name, `${what}${from(origin)}`);
    return begin(context, id, origin, token ?? null);
  });
  if (typeof outcome !== "string") {
    attempt.succeeded();
    return outcome;
  }
  if (outcome === "needed") {
    throw new SkerryError(
      "code_needed",
      "this account asks for a one-time code",
      "Type the code that your app shows, or a recovery code.",
    );
  }
  if (attempt.failed() && called !== "") {
    const what = outcome === "code" ? "a wrong one-time code" : "a wrong name or password";
    noteAccount(context, "anonymous", "login_failed", called, `${what}${from(origin)}`);
  }
  if (outcome === "code") {
    throw new SkerryError(
      "code_wrong",
      "the one-time code is wrong, or was used already",
      "Wait for the next one, and see that the clocks of phone and box agree; a recovery code " +
        "does as well.",
    );
  }
  throw new SkerryError(
    "login_failed",
    "the name or the password is wrong",
    "Root on the box gives a fresh start: `skerry user reset NAME`.",
  );
}

/** Confirms by the password what changes how an account logs in. Errors as those of {@link login}. */
export async function confirmPassword(
  context: Context,
  user: User,
  password: string,
): Promise<AccountRow> {
  const { logins } = context;
  const isKnown = isKnownFrom(context, user.account, user.address);
  using attempt = logins.limits.begin(user.name, user.address, isKnown);
  const account = accountById(context, user.account);
  const verified = await logins.passwords.verify(account.password, password);
  if (verified !== "wrong") {
    attempt.succeeded();
    return account;
  }
  if (attempt.failed()) {
    noteAccount(
      context,
      user.name,
      "login_failed",
      user.name,
      "a wrong password, when asked again",
    );
  }
  context.log.debug("a password was asked for again, and was wrong", { account: user.name });
  throw new SkerryError("password_wrong", "the current password is wrong", "Type it again.");
}
