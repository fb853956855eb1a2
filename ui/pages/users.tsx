/** `/users`, `/users/NAME`: who there is, and what each may. */
import type { AccountView, LinkAnswer, SessionView } from "../../shared/api/accounts.ts";
import { Card, Command, Empty, Facts, PageHeader } from "../components/card.tsx";
import { DangerZone } from "../components/danger.tsx";
import { Button, EMPTY_FORM, Form, type FormState, TextField } from "../components/form.tsx";
import { GrantFields, grantsText } from "../components/grants.tsx";
import { Badge, Status } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago, Moment } from "../components/time.tsx";
import type { Markup } from "../markup.ts";
import { Sessions } from "./account.tsx";

const CRUMBS = [{ text: "Users", href: "/users" }];

function AccountState({ account }: { account: AccountView }): Markup {
  if (account.disabled) return <Status tone="idle">disabled</Status>;
  if (!account.hasPassword) return <Status tone="busy">link not used yet</Status>;
  return <Status tone="good">{account.totp ? "with one-time codes" : "password alone"}</Status>;
}

/** `/users`. */
export function UsersPage(
  { accounts, projects, state = EMPTY_FORM }: {
    accounts: readonly AccountView[];
    projects: readonly string[];
    state?: FormState;
  },
): Markup {
  return (
    <>
      <PageHeader title="Users" lead="An account for each person: then the audit log says who." />
      <Card id="accounts" title="Accounts" count={accounts.length} flush>
        <Table
          caption="Accounts"
          rows={accounts}
          rowId={({ id }) => id}
          empty={<Empty title="There is no account yet">Make the first one below.</Empty>}
          columns={[
            {
              label: "Name",
              heads: true,
              cell: ({ name }) => <a href={`/users/${encodeURIComponent(name)}`}>{name}</a>,
            },
            { label: "May", wide: true, cell: ({ grants }) => grantsText(grants) },
            { label: "State", cell: (account) => <AccountState account={account} /> },
            { label: "Last login", cell: ({ lastLoginAt }) => <Ago at={lastLoginAt} /> },
          ]}
        />
      </Card>
      <Card id="new" title="A new account">
        <Form action="/users" submit="Make it" state={state}>
          <TextField
            name="name"
            label="Name"
            required
            maxlength={64}
            state={state}
            hint="The person sets the password by a link that you pass on."
          />
          <GrantFields
            grants={[{ role: "viewer", project: null }]}
            projects={projects}
            none="none"
          />
        </Form>
      </Card>
    </>
  );
}

/** A one-time link, this once. */
export function LinkPage(
  { name, link, origin }: { name: string; link: LinkAnswer; origin: string },
): Markup {
  return (
    <>
      <PageHeader
        title={`A link for ${name}`}
        crumbs={CRUMBS}
        lead="It is shown now and never again. Whoever opens it first sets the password."
      />
      <Card id="link" title="Pass it on">
        <p>
          <Command>{`${origin}${link.path}`}</Command>
        </p>
        <p class="muted">
          It works once, until <Moment at={link.expiresAt} />.
        </p>
      </Card>
    </>
  );
}

/** `/users/NAME`. */
export function UserPage(
  { account, sessions, projects, error }: {
    account: AccountView;
    sessions: readonly SessionView[];
    projects: readonly string[];
    error: string | null;
  },
): Markup {
  const at = `/users/${encodeURIComponent(account.name)}`;
  const state = error === null ? EMPTY_FORM : { values: {}, errors: { "": error } };
  return (
    <>
      <PageHeader
        title={account.name}
        crumbs={CRUMBS}
        status={<AccountState account={account} />}
        actions={
          <form class="row-form" method="post" action={`${at}/disabled`}>
            <input type="hidden" name="disabled" value={account.disabled ? "no" : "yes"} />
            <Button>{account.disabled ? "Enable" : "Disable"}</Button>
          </form>
        }
      />
      <Card id="facts" title="Account">
        <Facts
          items={[
            { term: "May", value: grantsText(account.grants) },
            { term: "Made", value: <Moment at={account.createdAt} /> },
            { term: "Last login", value: <Ago at={account.lastLoginAt} /> },
            {
              term: "Logs in by",
              value: <>password {account.totp && <Badge tone="good">and one-time codes</Badge>}</>,
            },
            { term: "API tokens", value: account.tokens },
          ]}
        />
      </Card>
      <Card id="grants" title="What it may">
        <Form action={`${at}/grants`} submit="Save" state={state}>
          <input type="hidden" name="etag" value={account.etag} />
          <GrantFields grants={account.grants} projects={projects} none="none" />
        </Form>
      </Card>
      <Card id="sessions" title="Sessions" count={sessions.length} flush>
        <Sessions sessions={sessions} action={`${at}/sessions`} />
      </Card>
      <DangerZone
        id="reset"
        title="Begin anew"
        explanation="Takes password, one-time codes, sessions and tokens away, and gives a link to begin anew."
        action={`${at}/reset`}
        confirmName={account.name}
        submit="Reset"
      />
      <DangerZone
        id="delete"
        title="Remove"
        explanation="The account goes, with its sessions and tokens. What it did stays in the audit log."
        action={`${at}/delete`}
        confirmName={account.name}
        submit="Remove"
      />
    </>
  );
}
