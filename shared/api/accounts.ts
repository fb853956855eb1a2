/** Accounts, logins, sessions, API tokens. */
import { z } from "zod";
import { AccountId, SessionId, TokenId } from "../model/ids.ts";
import { Grant } from "../model/role.ts";
import { Instant } from "../model/verdict.ts";

/** The most grants of an account or a token. */
const MAX_GRANTS = 1_000;

/** In lower case; what is typed is made so. */
export const AccountName = z.string().trim().toLowerCase()
  .regex(/^[a-z0-9][a-z0-9._@-]{0,63}$/, "at most 64 letters, digits, dots, hyphens, _ and @");
/** What it has to be like is said by the control plane, not by this bound. */
const Password = z.string().max(1024);
const Code = z.string().max(64);
/** What a person calls a token. */
export const TokenName = z.string().trim().min(1).max(100).regex(
  /^[^\p{C}]*$/u,
  "no control characters",
);
const Grants = z.array(Grant).max(MAX_GRANTS);
const expiresInDays = z.int().min(1).max(3650);

/** The token of a one-time link. */
export const LinkToken = z.string().regex(/^[A-Za-z0-9_-]{20,100}$/);

export const SetupRequest = z.strictObject({
  token: LinkToken,
  /** For the first administrator; a link that was made for an account knows its name. */
  name: AccountName.exactOptional(),
  password: Password,
});
export type SetupRequest = z.infer<typeof SetupRequest>;

export const LookRequest = z.strictObject({ token: LinkToken });

/** What a one-time link is for. */
export const LinkLook = z.object({
  kind: z.enum(["first_admin", "password"]),
  /** Null: to be chosen. */
  name: z.string().nullable(),
  expiresAt: Instant,
});
export type LinkLook = z.infer<typeof LinkLook>;

/** Shown once. */
export const LinkAnswer = z.object({
  token: z.string(),
  /** Of the page: `/setup/TOKEN`. */
  path: z.string(),
  /** The page as this host calls itself. */
  url: z.string(),
  expiresAt: Instant,
});
export type LinkAnswer = z.infer<typeof LinkAnswer>;

export const LoginRequest = z.strictObject({
  name: z.string().max(200),
  password: Password,
  /** A one-time code, or a recovery code; absent: none was asked for yet. */
  code: Code.exactOptional(),
  /** Instead of a session: an API token with all the account's rights, for programs. */
  token: z.strictObject({
    name: TokenName,
    expiresInDays: expiresInDays.exactOptional(),
  }).exactOptional(),
});
export type LoginRequest = z.infer<typeof LoginRequest>;

export const LoginState = z.object({
  /** There is an administrator who can log in; else a set-up link is needed first. */
  ready: z.boolean(),
});
export type LoginState = z.infer<typeof LoginState>;

/** Whom the control plane takes the asker for. */
export const Me = z.object({
  by: z.enum(["root", "session", "token"]),
  /** Null: root on the box, who needs none. */
  account: AccountId.nullable(),
  name: z.string(),
  grants: z.array(Grant),
  session: SessionId.nullable(),
  totp: z.boolean(),
  recoveryCodesLeft: z.int().nonnegative(),
  passwordChangedAt: Instant.nullable(),
});
export type Me = z.infer<typeof Me>;

/** A token with its secret, shown once. */
export const MadeToken = z.object({
  id: TokenId,
  /** `skt_…` */
  token: z.string(),
  expiresAt: Instant.nullable(),
});
export type MadeToken = z.infer<typeof MadeToken>;

/** Of a login without `token` the answer sets the cookie of a session. */
export const LoginAnswer = z.object({ me: Me, token: MadeToken.nullable() });
export type LoginAnswer = z.infer<typeof LoginAnswer>;

export const AccountView = z.object({
  id: AccountId,
  name: z.string(),
  grants: z.array(Grant),
  /** Of its grants, for If-Match. */
  etag: z.string(),
  disabled: z.boolean(),
  /** False: its link was not used yet. */
  hasPassword: z.boolean(),
  totp: z.boolean(),
  createdAt: Instant,
  lastLoginAt: Instant.nullable(),
  sessions: z.int().nonnegative(),
  tokens: z.int().nonnegative(),
});
export type AccountView = z.infer<typeof AccountView>;
export const AccountList = z.object({ items: z.array(AccountView) });

export const AccountRequest = z.strictObject({
  name: AccountName,
  grants: Grants,
  /** Absent: a one-time link is made with which the person sets it. */
  password: Password.exactOptional(),
});
export type AccountRequest = z.infer<typeof AccountRequest>;
export const AccountMade = z.object({ account: AccountView, link: LinkAnswer.nullable() });
export type AccountMade = z.infer<typeof AccountMade>;

export const GrantsRequest = z.strictObject({ grants: Grants });

export const SessionView = z.object({
  id: SessionId,
  account: z.string(),
  createdAt: Instant,
  lastSeenAt: Instant,
  expiresAt: Instant,
  address: z.string().nullable(),
  lastAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  /** The one that asks. */
  current: z.boolean(),
});
export type SessionView = z.infer<typeof SessionView>;
export const SessionList = z.object({ items: z.array(SessionView) });

export const TokenView = z.object({
  id: TokenId,
  account: z.string(),
  name: z.string(),
  /** Null: all that its account has. */
  grants: z.array(Grant).nullable(),
  createdAt: Instant,
  expiresAt: Instant.nullable(),
  lastUsedAt: Instant.nullable(),
  lastAddress: z.string().nullable(),
});
export type TokenView = z.infer<typeof TokenView>;
export const TokenList = z.object({ items: z.array(TokenView) });

export const TokenRequest = z.strictObject({
  name: TokenName,
  /** They bound those of the account; absent: all that it has, also later. */
  grants: Grants.min(1).exactOptional(),
  /** Null: never; absent: 90. */
  expiresInDays: expiresInDays.nullable().exactOptional(),
});
export type TokenRequest = z.infer<typeof TokenRequest>;

export const PasswordRequest = z.strictObject({ current: Password, password: Password });
export type PasswordRequest = z.infer<typeof PasswordRequest>;

/** What changes how one logs in is confirmed by the password. */
export const Confirmation = z.strictObject({ password: Password });
export type Confirmation = z.infer<typeof Confirmation>;

/** A secret for an app that makes one-time codes; it counts once a code of it was given. */
export const TotpBegun = z.object({
  /** Base32. */
  secret: z.string(),
  /** `otpauth://totp/…` */
  uri: z.string(),
});
export type TotpBegun = z.infer<typeof TotpBegun>;
export const TotpConfirmation = z.strictObject({ code: Code });
/** Shown once. */
export const RecoveryCodes = z.object({ codes: z.array(z.string()) });
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;

export const LoginSettings = z.strictObject({
  /** Steps of 30 s before and after the box's time whose codes are taken: more for a box whose clock is not set. */
  totpWindowSteps: z.int().min(1).max(120),
  /** A session that is not used for so long ends. */
  sessionIdleMinutes: z.int().min(5).max(43_200),
  /** A session ends after this. */
  sessionHours: z.int().min(1).max(8_760),
});
export type LoginSettings = z.infer<typeof LoginSettings>;
