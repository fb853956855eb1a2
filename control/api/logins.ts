/** Logging in and out, and what each does with the own account. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { SessionId, TokenId } from "../../shared/model/ids.ts";
import { tidy } from "../../shared/model/role.ts";
import {
  endSession,
  endToken,
  makeToken,
  NO_COOKIE,
  type Origin,
  type User,
} from "../accounts/bearers.ts";
import { beginTotp, confirmTotp, renewRecoveryCodes } from "../accounts/factors.ts";
import {
  confirmPassword,
  hasAdmin,
  type LoggedIn,
  login,
  lookAtLink,
  noteAccount,
  setup,
} from "../accounts/login.ts";
import { grantsText } from "../accounts/manage.ts";
import { checkPassword } from "../accounts/password_rules.ts";
import { meOf, meOfRoot, sessionViews, tokenViews } from "../accounts/views.ts";
import type { Caller } from "../authz/caller.ts";
import type { Context } from "../context.ts";
import { answerJson, answerNothing, readJson, route } from "./route.ts";

const TOKEN_DAYS = 90;

function originOf(caller: Caller, request: Request): Origin {
  const address = caller.kind === "anonymous" || caller.kind === "user" ? caller.address : null;
  return { address, userAgent: request.headers.get("user-agent") };
}

/** Error `no_account`: root on the box needs none, and has none. */
function userOf(caller: Caller): User {
  if (caller.kind === "user") return caller;
  throw new SkerryError(
    "no_account",
    "root on the box has no account of its own",
    "Name an account: `skerry user …`, `skerry token … --user NAME`.",
  );
}

function loggedIn({ answer, cookie }: LoggedIn): Response {
  return answerJson(ENDPOINTS.login, answer, cookie === null ? {} : { "set-cookie": cookie });
}

/** Ends a session of an account. Error `not_found`. */
export function dropSession(
  context: Context,
  account: { readonly id: User["account"]; readonly name: string },
  id: SessionId,
  by: string,
): void {
  context.store.transaction(() => {
    if (!endSession(context, id, account.id)) {
      throw new SkerryError(
        "not_found",
        `"${account.name}" has no session ${id}`,
        "The page Account lists those that there are.",
      );
    }
    noteAccount(context, by, "session_end", account.name, `session ${id.slice(-6)} was ended`);
  });
}

/** Revokes a token of an account. Error `not_found`. */
export function dropToken(
  context: Context,
  account: { readonly id: User["account"]; readonly name: string },
  id: TokenId,
  by: string,
): void {
  context.store.transaction(() => {
    const token = context.store.logins.tokens(account.id).find((each) => each.id === id);
    if (token === undefined || !endToken(context, id, account.id)) {
      throw new SkerryError(
        "not_found",
        `"${account.name}" has no API token ${id}`,
        "`skerry token list` lists those that there are.",
      );
    }
    noteAccount(context, by, "token_revoke", account.name, `the token "${token.name}" was revoked`);
  });
}

/** An account as it stands. Error `not_found`. */
function ownAccount(context: Context, user: User) {
  const account = context.store.accounts.get(user.account);
  if (account !== null) return account;
  throw new SkerryError("not_found", "the account is there no more");
}

export const loginRoutes = {
  loginState: route(
    ENDPOINTS.loginState,
    async (context) => answerJson(ENDPOINTS.loginState, { ready: hasAdmin(context) }),
  ),
  lookAtLink: route(ENDPOINTS.lookAtLink, async (context, { request, caller }) => {
    const { token } = await readJson(request, ENDPOINTS.lookAtLink.body);
    return answerJson(
      ENDPOINTS.lookAtLink,
      lookAtLink(context, token, originOf(caller, request)),
    );
  }),
  setup: route(ENDPOINTS.setup, async (context, { request, caller }) => {
    const body = await readJson(request, ENDPOINTS.setup.body);
    return loggedIn(await setup(context, body, originOf(caller, request)));
  }),
  login: route(ENDPOINTS.login, async (context, { request, caller }) => {
    const body = await readJson(request, ENDPOINTS.login.body);
    const before = caller.kind === "user" ? caller : null;
    return loggedIn(await login(context, body, originOf(caller, request), before));
  }),
  logout: route(ENDPOINTS.logout, async (context, { caller }) => {
    const user = userOf(caller);
    const account = { id: user.account, name: user.name };
    if (user.by.kind === "session") dropSession(context, account, user.by.id, user.name);
    else dropToken(context, account, user.by.id, user.name);
    return new Response(null, { status: 204, headers: { "set-cookie": NO_COOKIE } });
  }),
  me: route(
    ENDPOINTS.me,
    async (context, { caller }) =>
      answerJson(ENDPOINTS.me, caller.kind === "user" ? meOf(context, caller) : meOfRoot(caller)),
  ),
  setPassword: route(ENDPOINTS.setPassword, async (context, { request, caller }) => {
    const user = userOf(caller);
    const { current, password } = await readJson(request, ENDPOINTS.setPassword.body);
    const { store, clock, logins } = context;
    const before = await confirmPassword(context, user, current);
    checkPassword(password, user.name);
    const hash = await logins.passwords.hash(password);
    store.transaction(() => {
      if (ownAccount(context, user).password !== before.password) {
        throw new SkerryError(
          "password_wrong",
          "the password was changed meanwhile",
          "Begin again with the one that holds now.",
        );
      }
      store.accounts.setPassword(user.account, hash, clock.now());
      const kept: string = user.by.id;
      for (const { id } of store.logins.sessions(user.account)) {
        if (id !== kept) endSession(context, id, user.account);
      }
      noteAccount(
        context,
        user.name,
        "password",
        user.name,
        "set another password; all other sessions ended",
      );
    });
    return answerNothing();
  }),
  beginTotp: route(ENDPOINTS.beginTotp, async (context, { request, caller }) => {
    const user = userOf(caller);
    const { password } = await readJson(request, ENDPOINTS.beginTotp.body);
    await confirmPassword(context, user, password);
    return answerJson(ENDPOINTS.beginTotp, beginTotp(context, user.account, user.name));
  }),
  confirmTotp: route(ENDPOINTS.confirmTotp, async (context, { request, caller }) => {
    const user = userOf(caller);
    const { code } = await readJson(request, ENDPOINTS.confirmTotp.body);
    const codes = context.store.transaction(() => {
      const made = confirmTotp(context, user.account, code);
      noteAccount(context, user.name, "totp", user.name, "logins ask for a one-time code");
      return made;
    });
    return answerJson(ENDPOINTS.confirmTotp, codes);
  }),
  removeTotp: route(ENDPOINTS.removeTotp, async (context, { request, caller }) => {
    const user = userOf(caller);
    const { password } = await readJson(request, ENDPOINTS.removeTotp.body);
    await confirmPassword(context, user, password);
    context.store.transaction(() => {
      context.store.factors.removeTotp(user.account);
      noteAccount(context, user.name, "totp", user.name, "logins ask for no one-time code");
    });
    return answerNothing();
  }),
  renewRecoveryCodes: route(ENDPOINTS.renewRecoveryCodes, async (context, { request, caller }) => {
    const user = userOf(caller);
    const { password } = await readJson(request, ENDPOINTS.renewRecoveryCodes.body);
    await confirmPassword(context, user, password);
    const codes = context.store.transaction(() => {
      noteAccount(context, user.name, "totp", user.name, "fresh recovery codes");
      return renewRecoveryCodes(context, user.account);
    });
    return answerJson(ENDPOINTS.renewRecoveryCodes, codes);
  }),
  sessions: route(ENDPOINTS.sessions, async (context, { caller }) => {
    const user = userOf(caller);
    const items = sessionViews(context, { id: user.account, name: user.name }, user);
    return answerJson(ENDPOINTS.sessions, { items });
  }),
  deleteSession: route(ENDPOINTS.deleteSession, async (context, { params, caller, by }) => {
    const user = userOf(caller);
    dropSession(context, { id: user.account, name: user.name }, params.session, by);
    return answerNothing();
  }),
  tokens: route(ENDPOINTS.tokens, async (context, { caller }) => {
    const user = userOf(caller);
    const items = tokenViews(context, { id: user.account, name: user.name });
    return answerJson(ENDPOINTS.tokens, { items });
  }),
  createToken: route(ENDPOINTS.createToken, async (context, { request, caller, by }) => {
    const user = userOf(caller);
    const { name, grants, expiresInDays = TOKEN_DAYS } = await readJson(
      request,
      ENDPOINTS.createToken.body,
    );
    const made = context.store.transaction(() => {
      const account = ownAccount(context, user);
      const asked = { name, grants: grants === undefined ? null : tidy(grants), expiresInDays };
      noteAccount(context, by, "token_create", user.name, tokenText(asked));
      return makeToken(context, account, asked, user);
    });
    return answerJson(ENDPOINTS.createToken, made);
  }),
  deleteToken: route(ENDPOINTS.deleteToken, async (context, { params, caller, by }) => {
    const user = userOf(caller);
    dropToken(context, { id: user.account, name: user.name }, params.token, by);
    return answerNothing();
  }),
};

/** A fresh token in words, for the log. */
export function tokenText(
  { name, grants, expiresInDays }: Pick<
    Parameters<typeof makeToken>[2],
    "name" | "grants" | "expiresInDays"
  >,
): string {
  const may = grants === null ? "may all that its account may" : `may ${grantsText(grants)}`;
  const days = expiresInDays === null ? "for ever" : `for ${expiresInDays} days`;
  return `the token "${name}" was made: ${may}, ${days}`;
}
