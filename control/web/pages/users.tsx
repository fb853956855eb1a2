/** `/users`, `/users/NAME` and their forms. */
import { SkerryError } from "../../../shared/errors.ts";
import { AccountName } from "../../../shared/api/accounts.ts";
import type { FormState } from "../../../ui/components/form.tsx";
import { LinkPage, UserPage, UsersPage } from "../../../ui/pages/users.tsx";
import { checkConfirmed } from "../confirmed.ts";
import { faultsOf, formError } from "../faults.ts";
import { grantsOf } from "../grant_fields.ts";
import type { FormAsked, FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";

async function projectNames({ api }: PageAsked): Promise<string[]> {
  return (await api.projects()).map(({ name }) => name).sort();
}

async function usersShown(asked: PageAsked, state?: FormState): Promise<PageShown> {
  const [accounts, projects] = await Promise.all([asked.api.accounts(), projectNames(asked)]);
  return {
    title: "Users",
    ...(state === undefined ? {} : { status: 422 }),
    main: (
      <UsersPage
        accounts={accounts}
        projects={projects}
        {...(state === undefined ? {} : { state })}
      />
    ),
  };
}

async function userShown(asked: PageAsked, error: string | null): Promise<PageShown> {
  const name = asked.params["name"] ?? "";
  const accounts = await asked.api.accounts();
  const account = accounts.find((each) => each.name === name);
  if (account === undefined) throw new SkerryError("not_found", `there is no account "${name}"`);
  const sessions = await asked.api.sessions(name);
  return {
    title: name,
    ...(error === null ? {} : { status: 422 }),
    main: (
      <UserPage
        account={account}
        sessions={sessions}
        projects={await projectNames(asked)}
        error={error}
      />
    ),
  };
}

export const usersPage: Page = { path: "/users", show: (asked) => usersShown(asked) };
export const userPage: Page = { path: "/users/:name", show: (asked) => userShown(asked, null) };

function linkShown(asked: FormAsked, name: string, link: Parameters<typeof LinkPage>[0]["link"]) {
  return {
    title: `A link for ${name}`,
    status: 200,
    live: false,
    main: <LinkPage name={name} link={link} origin={new URL(asked.request.url).origin} />,
  };
}

const createForm: FormRoute = {
  path: "/users",
  async submit(asked): Promise<FormDone> {
    const { api, form } = asked;
    try {
      const name = AccountName.safeParse(form.text("name"));
      if (!name.success) {
        const why = name.error.issues[0]?.message ?? "not a name";
        return await usersShown(asked, { values: form.all(), errors: { name: why } });
      }
      const { account, link } = await api.createAccount({
        name: name.data,
        grants: grantsOf(form),
      });
      if (link !== null) return linkShown(asked, account.name, link);
      return { redirect: `/users/${encodeURIComponent(account.name)}` };
    } catch (thrown) {
      return await usersShown(asked, { values: form.all(), errors: { "": formError(thrown) } });
    }
  },
};

function userForm(
  path: string,
  act: (asked: FormAsked, name: string) => Promise<FormDone>,
): FormRoute {
  return {
    path: `/users/:name/${path}`,
    async submit(asked) {
      try {
        return await act(asked, asked.params["name"] ?? "");
      } catch (thrown) {
        if (faultsOf(thrown) === null) throw thrown;
        return await userShown(asked, formError(thrown));
      }
    },
  };
}

const at = (name: string) => `/users/${encodeURIComponent(name)}`;

export const userForms: readonly FormRoute[] = [
  createForm,
  userForm("grants", async ({ api, form }, name) => {
    const etag = form.text("etag");
    await api.setGrants(name, grantsOf(form), etag === "" ? undefined : etag);
    return { redirect: at(name), flash: { kind: "done", text: `${name}'s roles are saved.` } };
  }),
  userForm("disabled", async ({ api, form }, name) => {
    const disabled = form.text("disabled") === "yes";
    await api.setAccountDisabled(name, disabled);
    const text = `${name} is ${disabled ? "disabled; its sessions ended" : "enabled"}.`;
    return { redirect: at(name), flash: { kind: "done", text } };
  }),
  userForm("sessions", async ({ api, form }, name) => {
    await api.deleteSession(form.text("session"), name);
    return { redirect: at(name), flash: { kind: "done", text: "The session is ended." } };
  }),
  userForm("reset", async (asked, name) => {
    checkConfirmed(asked.form, name);
    return linkShown(asked, name, await asked.api.resetAccount(name));
  }),
  userForm("delete", async ({ api, form }, name) => {
    checkConfirmed(form, name);
    await api.deleteAccount(name);
    return { redirect: "/users", flash: { kind: "done", text: `${name} is removed.` } };
  }),
];
