/** `/registries`: where images come from, and as whom. */
import type { RegistryView } from "../../shared/api/registries.ts";
import { Card, Empty, PageHeader } from "../components/card.tsx";
import { Button, CheckField, EMPTY_FORM, Form, type FormState } from "../components/form.tsx";
import { TextField } from "../components/form.tsx";
import { Table } from "../components/table.tsx";
import { Ago } from "../components/time.tsx";
import type { Markup } from "../markup.ts";

/** The page. */
export function RegistriesPage(
  { registries, state = EMPTY_FORM }: { registries: readonly RegistryView[]; state?: FormState },
): Markup {
  return (
    <>
      <PageHeader
        title="Registries"
        crumbs={[{ text: "Images", href: "/images" }]}
        lead="Logins are kept encrypted, and sealed to the node that pulls."
      />
      <Card id="registries" title="Registries" count={registries.length} flush>
        <Table
          caption="Registries"
          rows={registries}
          rowId={({ host }) => host}
          empty={<Empty title="No registry is set">Public images need none.</Empty>}
          columns={[
            { label: "Host", heads: true, cell: ({ host }) => host },
            { label: "As", cell: ({ username }) => username ?? <span class="muted">nobody</span> },
            {
              label: "How",
              cell: ({ plainHttp, mirrors }) =>
                [...plainHttp ? ["plain http"] : [], ...mirrors.map((each) => `mirror ${each}`)]
                  .join(", "),
            },
            { label: "Changed", cell: ({ changedAt }) => <Ago at={changedAt} /> },
            {
              label: "Action",
              end: true,
              cell: ({ host, username }) =>
                username === null ? "" : (
                  <form method="post" action="/registries/logout">
                    <input type="hidden" name="host" value={host} />
                    <Button>Log out</Button>
                  </form>
                ),
            },
          ]}
        />
      </Card>
      <Card id="login" title="Log in">
        <Form action="/registries" submit="Log in" state={state}>
          <TextField
            name="host"
            label="Host"
            required
            placeholder="registry.example"
            state={state}
          />
          <TextField name="username" label="User" required state={state} />
          <TextField
            name="password"
            label="Password or token"
            type="password"
            required
            state={state}
          />
          <CheckField name="check" label="Try it at the registry first" checked state={state} />
        </Form>
      </Card>
    </>
  );
}
