/** `/tokens`: API tokens of the own account. */
import type { MadeToken, TokenView } from "../../shared/api/accounts.ts";
import { Card, Command, Empty, Notice, PageHeader } from "../components/card.tsx";
import { Button, EMPTY_FORM, Form, type FormState, LinkButton } from "../components/form.tsx";
import { SelectField, TextField } from "../components/form.tsx";
import { GrantFields, grantsText } from "../components/grants.tsx";
import { Table } from "../components/table.tsx";
import { Ago, Moment } from "../components/time.tsx";
import type { Markup } from "../markup.ts";

/** Days that a token lasts; "" is for ever. */
export const LIFETIMES = [
  { value: "7", text: "7 days" },
  { value: "30", text: "30 days" },
  { value: "90", text: "90 days" },
  { value: "365", text: "a year" },
  { value: "", text: "for ever" },
];

/** `tokens` null: root on the box has no account, and so no tokens. */
export function TokensPage(
  { tokens, projects, state = EMPTY_FORM }: {
    tokens: readonly TokenView[] | null;
    projects: readonly string[];
    state?: FormState;
  },
): Markup {
  if (tokens === null) {
    return (
      <>
        <PageHeader title="API tokens" />
        <Notice tone="busy" title="Root on the box has no account">
          A token belongs to an account: log in with one, or run{" "}
          <Command>skerry token create --user NAME</Command>.
        </Notice>
      </>
    );
  }
  return (
    <>
      <PageHeader
        title="API tokens"
        lead="For programs: the command line from afar, a pipeline, Prometheus."
      />
      <Card id="tokens" title="Tokens" count={tokens.length} flush>
        <Table
          caption="API tokens"
          rows={tokens}
          rowId={({ id }) => id}
          empty={<Empty title="You have no token yet">Make one below.</Empty>}
          columns={[
            { label: "Name", heads: true, cell: ({ name }) => name },
            {
              label: "May",
              cell: ({ grants }) => grants === null ? "what you may" : grantsText(grants),
            },
            { label: "Last used", cell: ({ lastUsedAt }) => <Ago at={lastUsedAt} /> },
            {
              label: "Ends",
              cell: ({ expiresAt }) => expiresAt === null ? "never" : <Moment at={expiresAt} />,
            },
            {
              label: "Action",
              end: true,
              cell: ({ id, name }) => (
                <form method="post" action="/tokens/revoke">
                  <input type="hidden" name="token" value={id} />
                  <input type="hidden" name="name" value={name} />
                  <Button kind="plain">Revoke</Button>
                </form>
              ),
            },
          ]}
        />
      </Card>
      <Card id="new" title="A new token">
        <Form action="/tokens" submit="Make it" state={state}>
          <TextField name="name" label="What it is for" required maxlength={100} state={state} />
          <SelectField name="days" label="Lasts" options={LIFETIMES} value="90" state={state} />
          <GrantFields grants={[]} projects={projects} none="what you may, also later" />
        </Form>
      </Card>
    </>
  );
}

/** A token's secret, this once. */
export function MadeTokenPage({ name, made }: { name: string; made: MadeToken }): Markup {
  return (
    <>
      <PageHeader
        title={`The token ${name}`}
        crumbs={[{ text: "API tokens", href: "/tokens" }]}
        lead="It is shown now and never again."
      />
      <Card id="secret" title="Token">
        <p>
          <Command>{made.token}</Command>
        </p>
        <p>
          Sent as <Command>Authorization: Bearer skt_…</Command>.{" "}
          {made.expiresAt === null ? "It never ends." : (
            <>
              It ends <Moment at={made.expiresAt} />.
            </>
          )}
        </p>
        <p>
          <LinkButton href="/tokens" kind="primary">I have it</LinkButton>
        </p>
      </Card>
    </>
  );
}
