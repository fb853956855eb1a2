/** `/tokens` and its forms. */
import { TokenName } from "../../../shared/api/accounts.ts";
import type { FormState } from "../../../ui/components/form.tsx";
import { LIFETIMES, MadeTokenPage, TokensPage } from "../../../ui/pages/tokens.tsx";
import { formError } from "../faults.ts";
import { grantsOf } from "../grant_fields.ts";
import type { FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";

async function tokensShown({ api, caller }: PageAsked, state?: FormState): Promise<PageShown> {
  const tokens = caller.kind === "user" ? await api.tokens() : null;
  const projects = (await api.projects()).map(({ name }) => name).sort();
  return {
    title: "API tokens",
    ...(state === undefined ? {} : { status: 422 }),
    main: (
      <TokensPage
        tokens={tokens}
        projects={projects}
        {...(state === undefined ? {} : { state })}
      />
    ),
  };
}

export const tokensPage: Page = { path: "/tokens", show: (asked) => tokensShown(asked) };

export const tokenForms: readonly FormRoute[] = [
  {
    path: "/tokens",
    async submit(asked): Promise<FormDone> {
      const { api, form } = asked;
      // "token" in a field's name would keep it from being filled in again.
      const values = { name: form.text("name"), days: form.text("days") };
      const name = TokenName.safeParse(values.name);
      if (!name.success) {
        const why = name.error.issues[0]?.message ?? "not a name";
        return await tokensShown(asked, { values, errors: { name: why } });
      }
      try {
        const grants = grantsOf(form);
        const days = LIFETIMES.find(({ value }) => value === values.days)?.value ?? "90";
        const made = await api.createToken({
          name: name.data,
          expiresInDays: days === "" ? null : Number(days),
          ...(grants.length === 0 ? {} : { grants }),
        });
        return {
          title: `The token ${name.data}`,
          status: 200,
          live: false,
          main: <MadeTokenPage name={name.data} made={made} />,
        };
      } catch (thrown) {
        return await tokensShown(asked, { values, errors: { "": formError(thrown) } });
      }
    },
  },
  {
    path: "/tokens/revoke",
    async submit({ api, form }) {
      await api.deleteToken(form.text("token"));
      const text = `The token ${form.text("name")} is revoked.`;
      return { redirect: "/tokens", flash: { kind: "done", text } };
    },
  },
];
