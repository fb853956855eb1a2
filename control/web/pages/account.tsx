/** `/account` and its forms. */
import { SkerryError } from "../../../shared/errors.ts";
import { TotpBegun } from "../../../shared/api/accounts.ts";
import { AccountPage, RecoveryPage, TotpPage } from "../../../ui/pages/account.tsx";
import { ApiError } from "../../../shared/api/problem.ts";
import { formError } from "../faults.ts";
import type { FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";

type Failed = { readonly form: "password" | "totp"; readonly error: string };

/** A wrong password is told beside the form; whoever may not at all is led away. */
function errorOf(thrown: unknown): string {
  if (thrown instanceof ApiError && thrown.problem.code === "password_wrong") {
    return "The password is wrong.";
  }
  return formError(thrown);
}

async function accountShown({ api }: PageAsked, failed: Failed | null): Promise<PageShown> {
  const me = await api.me();
  const sessions = me.account === null ? [] : await api.sessions();
  return {
    title: me.name,
    ...(failed === null ? {} : { status: 422 }),
    main: (
      <AccountPage
        me={me}
        sessions={sessions}
        {...(failed === null
          ? {}
          : { failed: { form: failed.form, state: { values: {}, errors: { "": failed.error } } } })}
      />
    ),
  };
}

/** Carries a form out; what is wrong with it is told on the account's page. */
function accountForm(
  path: string,
  of: Failed["form"],
  submit: FormRoute["submit"],
): FormRoute {
  return {
    path,
    limitBytes: 64 << 10,
    async submit(asked): Promise<FormDone> {
      try {
        return await submit(asked);
      } catch (thrown) {
        return await accountShown(asked, { form: of, error: errorOf(thrown) });
      }
    },
  };
}

function recoveryShown(codes: readonly string[]): PageShown {
  return {
    title: "Recovery codes",
    status: 200,
    live: false,
    main: <RecoveryPage codes={codes} />,
  };
}

function totpShown(begun: TotpBegun, sealed: string, error: string | null): PageShown {
  const state = { values: {}, errors: error === null ? {} : { code: error } };
  return {
    title: "One-time codes",
    status: error === null ? 200 : 422,
    live: false,
    main: <TotpPage begun={begun} sealed={sealed} state={state} />,
  };
}

export const accountPage: Page = {
  path: "/account",
  show: (asked) => accountShown(asked, null),
};

export const accountForms: readonly FormRoute[] = [
  accountForm("/account/password", "password", async ({ api, form }) => {
    const password = form.text("password");
    if (password !== form.text("again")) {
      throw new SkerryError(
        "bad_request",
        "the two new passwords differ",
        "Type the same one twice.",
      );
    }
    await api.setPassword({ current: form.text("current"), password });
    const text = "The password is changed; your other sessions ended.";
    return { redirect: "/account", flash: { kind: "done", text } };
  }),
  accountForm("/account/totp", "totp", async ({ api, form, sealed }) => {
    const begun = await api.beginTotp(form.text("password"));
    return totpShown(begun, sealed.seal(JSON.stringify(begun)), null);
  }),
  accountForm("/account/totp/confirm", "totp", async ({ api, form, sealed }) => {
    const kept = sealed.open(form.text("begun"));
    if (kept === null) {
      throw new SkerryError(
        "bad_request",
        "this took too long; begin again",
        "Open the page Account again.",
      );
    }
    const begun = TotpBegun.parse(JSON.parse(kept));
    try {
      return recoveryShown((await api.confirmTotp(form.text("code").trim())).codes);
    } catch (thrown) {
      return totpShown(begun, form.text("begun"), formError(thrown));
    }
  }),
  accountForm("/account/totp/off", "totp", async ({ api, form }) => {
    await api.removeTotp(form.text("password"));
    return {
      redirect: "/account",
      flash: { kind: "done", text: "Logins ask for no code any more." },
    };
  }),
  accountForm(
    "/account/recovery",
    "totp",
    async ({ api, form }) =>
      recoveryShown((await api.renewRecoveryCodes(form.text("password"))).codes),
  ),
  accountForm("/account/sessions", "password", async ({ api, form }) => {
    await api.deleteSession(form.text("session"));
    return { redirect: "/account", flash: { kind: "done", text: "The session is ended." } };
  }),
];
