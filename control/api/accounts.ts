/** Accounts, as administrators lead them, and what holds for all logins. */
import { ENDPOINTS } from "../../shared/api/endpoints.ts";
import { tidy } from "../../shared/model/role.ts";
import { makeToken } from "../accounts/bearers.ts";
import { makeSetupLink, noteAccount } from "../accounts/login.ts";
import {
  accountNamed,
  createAccount,
  deleteAccount,
  resetAccount,
  setDisabled,
  setGrants,
} from "../accounts/manage.ts";
import { accountView, sessionViews, tokenViews } from "../accounts/views.ts";
import { checkUnchanged } from "../conditional.ts";
import { dropSession, dropToken, tokenText } from "./logins.ts";
import { answerJson, answerNothing, readJson, route } from "./route.ts";

const TOKEN_DAYS = 90;

export const accountRoutes = {
  accounts: route(
    ENDPOINTS.accounts,
    async (context) =>
      answerJson(ENDPOINTS.accounts, {
        items: context.store.accounts.list().map((each) => accountView(context, each)),
      }),
  ),
  createAccount: route(ENDPOINTS.createAccount, async (context, { request, caller }) => {
    const body = await readJson(request, ENDPOINTS.createAccount.body);
    return answerJson(ENDPOINTS.createAccount, await createAccount(context, body, caller));
  }),
  deleteAccount: route(ENDPOINTS.deleteAccount, async (context, { params, caller }) => {
    deleteAccount(context, params.account, caller);
    return answerNothing();
  }),
  setGrants: route(ENDPOINTS.setGrants, async (context, { params, request, caller }) => {
    const { grants } = await readJson(request, ENDPOINTS.setGrants.body);
    const view = setGrants(
      context,
      params.account,
      grants,
      caller,
      ({ name, etag }) => checkUnchanged(request, etag, `what "${name}" may`),
    );
    return answerJson(ENDPOINTS.setGrants, view, { etag: view.etag });
  }),
  disableAccount: route(ENDPOINTS.disableAccount, async (context, { params, caller }) => {
    setDisabled(context, params.account, true, caller);
    return answerNothing();
  }),
  enableAccount: route(ENDPOINTS.enableAccount, async (context, { params, caller }) => {
    setDisabled(context, params.account, false, caller);
    return answerNothing();
  }),
  resetAccount: route(
    ENDPOINTS.resetAccount,
    async (context, { params, caller }) =>
      answerJson(ENDPOINTS.resetAccount, resetAccount(context, params.account, caller)),
  ),
  accountSessions: route(ENDPOINTS.accountSessions, async (context, { params, caller }) => {
    const account = accountNamed(context, params.account);
    const items = sessionViews(context, account, caller.kind === "user" ? caller : null);
    return answerJson(ENDPOINTS.accountSessions, { items });
  }),
  deleteAccountSession: route(ENDPOINTS.deleteAccountSession, async (context, { params, by }) => {
    dropSession(context, accountNamed(context, params.account), params.session, by);
    return answerNothing();
  }),
  accountTokens: route(
    ENDPOINTS.accountTokens,
    async (context, { params }) =>
      answerJson(ENDPOINTS.accountTokens, {
        items: tokenViews(context, accountNamed(context, params.account)),
      }),
  ),
  createAccountToken: route(
    ENDPOINTS.createAccountToken,
    async (context, { params, request, caller, by }) => {
      const { name, grants, expiresInDays = TOKEN_DAYS } = await readJson(
        request,
        ENDPOINTS.createAccountToken.body,
      );
      const made = context.store.transaction(() => {
        const account = accountNamed(context, params.account);
        const asked = { name, grants: grants === undefined ? null : tidy(grants), expiresInDays };
        noteAccount(context, by, "token_create", account.name, tokenText(asked));
        return makeToken(context, account, asked, caller.kind === "user" ? caller : null);
      });
      return answerJson(ENDPOINTS.createAccountToken, made);
    },
  ),
  deleteAccountToken: route(ENDPOINTS.deleteAccountToken, async (context, { params, by }) => {
    dropToken(context, accountNamed(context, params.account), params.token, by);
    return answerNothing();
  }),
  createSetupLink: route(
    ENDPOINTS.createSetupLink,
    async (context) => answerJson(ENDPOINTS.createSetupLink, makeSetupLink(context)),
  ),
  loginSettings: route(
    ENDPOINTS.loginSettings,
    async ({ store }) => answerJson(ENDPOINTS.loginSettings, store.settings.login()),
  ),
  setLoginSettings: route(ENDPOINTS.setLoginSettings, async (context, { request, by }) => {
    const settings = await readJson(request, ENDPOINTS.setLoginSettings.body);
    context.store.transaction(() => {
      context.store.settings.setLogin(settings);
      const { totpWindowSteps, sessionIdleMinutes, sessionHours } = settings;
      noteAccount(
        context,
        by,
        "settings",
        "logins",
        `one-time codes of ${totpWindowSteps} steps around now; sessions end after ` +
          `${sessionIdleMinutes} minutes without use, and after ${sessionHours} hours`,
      );
    });
    return answerJson(ENDPOINTS.setLoginSettings, settings);
  }),
};
