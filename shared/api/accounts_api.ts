/** The client's calls on accounts, logins, sessions and API tokens. */
import type { z } from "zod";
import type {
  AccountMade,
  AccountRequest,
  AccountView,
  LinkAnswer,
  LinkLook,
  LoginAnswer,
  LoginRequest,
  LoginSettings,
  LoginState,
  MadeToken,
  Me,
  PasswordRequest,
  RecoveryCodes,
  SessionView,
  SetupRequest,
  TokenRequest,
  TokenView,
  TotpBegun,
} from "./accounts.ts";
import { ACCOUNT_ENDPOINTS as E } from "./accounts_endpoints.ts";
import type { ApiCalls, Sent } from "./calls.ts";
import { onlyIf, repeatable } from "./sent.ts";
import type { Grant } from "../model/role.ts";

export interface AccountsApi {
  loginState(): Promise<LoginState>;
  /** What a one-time link is for. */
  lookAtLink(token: string): Promise<LinkLook>;
  /** Sets a password with a one-time link. */
  setup(request: SetupRequest): Promise<LoginAnswer>;
  login(request: LoginRequest): Promise<LoginAnswer>;
  logout(): Promise<void>;
  me(): Promise<Me>;
  setPassword(request: PasswordRequest): Promise<void>;
  beginTotp(password: string): Promise<TotpBegun>;
  confirmTotp(code: string): Promise<RecoveryCodes>;
  removeTotp(password: string): Promise<void>;
  renewRecoveryCodes(password: string): Promise<RecoveryCodes>;
  /** Of the own account, or of one by its name. */
  sessions(account?: string): Promise<readonly SessionView[]>;
  deleteSession(id: string, account?: string): Promise<void>;
  tokens(account?: string): Promise<readonly TokenView[]>;
  createToken(request: TokenRequest, account?: string): Promise<MadeToken>;
  deleteToken(id: string, account?: string): Promise<void>;
  accounts(): Promise<readonly AccountView[]>;
  createAccount(request: AccountRequest, idempotencyKey?: string): Promise<AccountMade>;
  deleteAccount(account: string): Promise<void>;
  /** @param etag of the account as it was looked at: refused where its grants are others now */
  setGrants(account: string, grants: readonly Grant[], etag?: string): Promise<AccountView>;
  setAccountDisabled(account: string, disabled: boolean): Promise<void>;
  /** Takes password, one-time codes, sessions and tokens away. */
  resetAccount(account: string): Promise<LinkAnswer>;
  createSetupLink(): Promise<LinkAnswer>;
  loginSettings(): Promise<LoginSettings>;
  setLoginSettings(settings: LoginSettings): Promise<LoginSettings>;
}

function sent(body: z.core.util.JSONType, params: Sent["params"] = {}): Sent {
  return { params, body: JSON.stringify(body), contentType: "application/json" };
}

export function accountsApi({ json, nothing }: ApiCalls): AccountsApi {
  return {
    loginState: () => json(E.loginState),
    lookAtLink: (token) => json(E.lookAtLink, sent({ token })),
    setup: (request) => json(E.setup, sent(request)),
    login: (request) => json(E.login, sent(request)),
    logout: () => nothing(E.logout, {}),
    me: () => json(E.me),
    setPassword: (request) => nothing(E.setPassword, sent(request)),
    beginTotp: (password) => json(E.beginTotp, sent({ password })),
    confirmTotp: (code) => json(E.confirmTotp, sent({ code })),
    removeTotp: (password) => nothing(E.removeTotp, sent({ password })),
    renewRecoveryCodes: (password) => json(E.renewRecoveryCodes, sent({ password })),
    sessions: async (account) =>
      (await (account === undefined
        ? json(E.sessions)
        : json(E.accountSessions, { params: { account } }))).items,
    deleteSession: (session, account) =>
      account === undefined
        ? nothing(E.deleteSession, { params: { session } })
        : nothing(E.deleteAccountSession, { params: { session, account } }),
    tokens: async (account) =>
      (await (account === undefined
        ? json(E.tokens)
        : json(E.accountTokens, { params: { account } }))).items,
    createToken: (request, account) =>
      account === undefined
        ? json(E.createToken, sent(request))
        : json(E.createAccountToken, sent(request, { account })),
    deleteToken: (token, account) =>
      account === undefined
        ? nothing(E.deleteToken, { params: { token } })
        : nothing(E.deleteAccountToken, { params: { token, account } }),
    accounts: async () => (await json(E.accounts)).items,
    createAccount: (request, key) =>
      json(E.createAccount, { ...sent(request), headers: repeatable(key) }),
    deleteAccount: (account) => nothing(E.deleteAccount, { params: { account } }),
    setGrants: (account, grants, etag) =>
      json(E.setGrants, {
        ...sent({ grants: [...grants] }, { account }),
        headers: onlyIf(etag),
      }),
    setAccountDisabled: (account, disabled) =>
      nothing(disabled ? E.disableAccount : E.enableAccount, { params: { account } }),
    resetAccount: (account) => json(E.resetAccount, { params: { account } }),
    createSetupLink: () => json(E.createSetupLink),
    loginSettings: () => json(E.loginSettings),
    setLoginSettings: (settings) => json(E.setLoginSettings, sent(settings)),
  };
}
