/** Accounts, sessions and tokens as they are shown. */
import type { AccountView, Me, SessionView, TokenView } from "../../shared/api/accounts.ts";
import type { AccountId } from "../../shared/model/ids.ts";
import { type Caller, nameOf } from "../authz/caller.ts";
import { etagOf } from "../conditional.ts";
import type { Context } from "../context.ts";
import type { AccountRow } from "../store/accounts.ts";
import type { User } from "./bearers.ts";
import { hasTotp } from "./factors.ts";

type Stored = Pick<Context, "store" | "clock">;

/** Of root, who has no account. */
export function meOfRoot(caller: Caller): Me {
  return {
    by: "root",
    account: null,
    name: nameOf(caller),
    grants: [{ role: "admin", project: null }],
    session: null,
    totp: false,
    recoveryCodesLeft: 0,
    passwordChangedAt: null,
  };
}

export function meOf({ store }: Pick<Context, "store">, user: User): Me {
  return {
    by: user.by.kind,
    account: user.account,
    name: user.name,
    grants: [...user.grants],
    session: user.by.kind === "session" ? user.by.id : null,
    totp: hasTotp({ store }, user.account),
    recoveryCodesLeft: store.factors.recoveryCodesLeft(user.account),
    passwordChangedAt: store.accounts.get(user.account)?.passwordChangedAt ?? null,
  };
}

export function accountView(context: Stored, account: AccountRow): AccountView {
  const { store } = context;
  const grants = store.accounts.grants(account.id);
  return {
    id: account.id,
    name: account.name,
    grants,
    etag: etagOf([account.id, grants]),
    disabled: account.disabled,
    hasPassword: account.password !== null,
    totp: hasTotp(context, account.id),
    createdAt: account.createdAt,
    lastLoginAt: account.lastLoginAt,
    sessions: sessionViews(context, account, null).length,
    tokens: store.logins.tokens(account.id).length,
  };
}

/** Those that are not over. */
export function sessionViews(
  { store, clock }: Stored,
  account: { readonly id: AccountId; readonly name: string },
  user: User | null,
): SessionView[] {
  const now = clock.now();
  const idleMs = store.settings.login().sessionIdleMinutes * 60_000;
  return store.logins.sessions(account.id)
    .filter((each) => each.expiresAt > now && now - each.lastSeenAt < idleMs)
    .map(({ accountId: _, ...session }) => ({
      ...session,
      account: account.name,
      current: user?.by.id === session.id,
    }));
}

export function tokenViews(
  { store }: Pick<Context, "store">,
  account: { readonly id: AccountId; readonly name: string },
): TokenView[] {
  return store.logins.tokens(account.id)
    .map(({ accountId: _, ...token }) => ({ ...token, account: account.name }));
}
