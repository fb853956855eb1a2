/** What administrators do with accounts. Each within one transaction, and in the log of changes. */
import type {
  AccountMade,
  AccountRequest,
  AccountView,
  LinkAnswer,
} from "../../shared/api/accounts.ts";
import { SkerryError } from "../../shared/errors.ts";
import { AccountId } from "../../shared/model/ids.ts";
import { type Grant, holds, tidy } from "../../shared/model/role.ts";
import { type Caller, nameOf } from "../authz/caller.ts";
import { type Context, newId } from "../context.ts";
import type { AccountRow } from "../store/accounts.ts";
import { endSession, endToken } from "./bearers.ts";
import { hasAdmin, makeLink, noteAccount, refuseTaken } from "./login.ts";
import { checkPassword } from "./password_rules.ts";
import { accountView } from "./views.ts";

/** Error `not_found`. */
export function accountNamed({ store }: Pick<Context, "store">, name: string): AccountRow {
  const account = store.accounts.byName(name);
  if (account !== null) return account;
  throw new SkerryError(
    "not_found",
    `there is no account "${name}"`,
    "`skerry user list` lists those that there are.",
  );
}

/** Grants in words, for the log. */
export function grantsText(grants: readonly Grant[]): string {
  if (grants.length === 0) return "nothing";
  return grants.map(({ role, project }) =>
    project === null ? `${role} everywhere` : `${role} of ${project}`
  ).join(", ");
}

/** Root on the box may: it can always make another one. */
function refuseLastAdmin(context: Context, caller: Caller, account: AccountRow): void {
  const isAdmin = holds(context.store.accounts.grants(account.id), "admin", null);
  if (!isAdmin || caller.kind === "root" || hasAdmin(context, account.id)) return;
  throw new SkerryError(
    "last_admin",
    `"${account.name}" is the only administrator`,
    "Make another account an administrator first.",
  );
}

/** Ends all that is open of an account; within a transaction. */
function endAll(context: Context, account: AccountRow, withTokens: boolean): void {
  const { store } = context;
  for (const { id } of store.logins.sessions(account.id)) endSession(context, id, account.id);
  if (withTokens) {
    for (const { id } of store.logins.tokens(account.id)) endToken(context, id, account.id);
  }
  context.logins.revocations.end(account.id);
}

/** Errors: `name_taken`, `password_weak`, `login_busy`. */
export async function createAccount(
  context: Context,
  { name, grants, password }: AccountRequest,
  caller: Caller,
): Promise<AccountMade> {
  const { store, clock, logins } = context;
  refuseTaken(context, name);
  if (password !== undefined) checkPassword(password, name);
  const hash = password === undefined ? null : await logins.passwords.hash(password);
  return store.transaction(() => {
    refuseTaken(context, name);
    const id = AccountId.parse(newId(context, "acc"));
    store.accounts.add({ id, name, createdAt: clock.now() });
    store.accounts.setGrants(id, tidy(grants));
    if (hash !== null) store.accounts.setPassword(id, hash, clock.now());
    noteAccount(context, nameOf(caller), "create", name, `may ${grantsText(tidy(grants))}`);
    const link = hash === null ? makeLink(context, id) : null;
    return { account: accountView(context, accountNamed(context, name)), link };
  });
}

/** Errors: `not_found`, `last_admin`. */
export function deleteAccount(context: Context, name: string, caller: Caller): void {
  context.store.transaction(() => {
    const account = accountNamed(context, name);
    refuseLastAdmin(context, caller, account);
    endAll(context, account, true);
    context.store.accounts.remove(account.id);
    noteAccount(context, nameOf(caller), "remove", name, "removed with its sessions and tokens");
  });
}

/**
 * Errors: `not_found`, `last_admin`, what `check` throws.
 * @param check is given the account as it was
 */
export function setGrants(
  context: Context,
  name: string,
  grants: readonly Grant[],
  caller: Caller,
  check: (before: AccountView) => void,
): AccountView {
  return context.store.transaction(() => {
    const account = accountNamed(context, name);
    check(accountView(context, account));
    if (!holds(grants, "admin", null)) refuseLastAdmin(context, caller, account);
    context.store.accounts.setGrants(account.id, tidy(grants));
    // What is open was begun with other rights.
    context.logins.revocations.end(account.id);
    noteAccount(context, nameOf(caller), "grant", name, `may ${grantsText(tidy(grants))}`);
    return accountView(context, account);
  });
}

/** Errors: `not_found`, `last_admin`. */
export function setDisabled(
  context: Context,
  name: string,
  disabled: boolean,
  caller: Caller,
): void {
  context.store.transaction(() => {
    const account = accountNamed(context, name);
    if (disabled) {
      refuseLastAdmin(context, caller, account);
      endAll(context, account, false);
    }
    context.store.accounts.setDisabled(account.id, disabled);
    const [action, summary] = disabled
      ? ["disable", "may not log in any more"]
      : ["enable", "may log in again"];
    noteAccount(context, nameOf(caller), action, name, summary);
  });
}

/** Nothing that was given out before opens the account any more. Error `not_found`. */
export function resetAccount(context: Context, name: string, caller: Caller): LinkAnswer {
  const { store, clock } = context;
  return store.transaction(() => {
    const account = accountNamed(context, name);
    endAll(context, account, true);
    store.accounts.setPassword(account.id, null, clock.now());
    store.factors.removeTotp(account.id);
    noteAccount(
      context,
      nameOf(caller),
      "reset",
      name,
      "password, one-time codes, sessions and tokens taken away; a one-time link was made",
    );
    return makeLink(context, account.id);
  });
}
