/** `/account`: one's own password, one-time codes, sessions. */
import type { Me, SessionView, TotpBegun } from "../../shared/api/accounts.ts";
import { Card, Command, Empty, Facts, Notice, PageHeader } from "../components/card.tsx";
import { Button, EMPTY_FORM, Form, type FormState, LinkButton } from "../components/form.tsx";
import { TextField } from "../components/form.tsx";
import { grantsText } from "../components/grants.tsx";
import { QrCode } from "../components/qr.tsx";
import { Badge } from "../components/status.tsx";
import { Table } from "../components/table.tsx";
import { Ago, Moment } from "../components/time.tsx";
import type { Markup } from "../markup.ts";
import { countText } from "../text/format.ts";

/** A browser's own words, cut to what people know. */
export function agentText(agent: string | null): string {
  if (agent === null || agent === "") return "unknown";
  const browser = /(Firefox|Edg|OPR|Chrome|Safari)\/(\d+)/.exec(agent);
  const system = /(Android|iPhone|iPad|Windows|Macintosh|Linux)/.exec(agent)?.[1];
  if (browser === null) return agent.slice(0, 40);
  return `${browser[1]} ${browser[2]}${system === undefined ? "" : ` on ${system}`}`;
}

/** Sessions with what ends each. `action` takes the field `session`. */
export function Sessions(
  { sessions, action }: { sessions: readonly SessionView[]; action: string },
): Markup {
  return (
    <Table
      caption="Sessions"
      rows={sessions}
      rowId={({ id }) => id}
      empty={<Empty title="No session is open" />}
      columns={[
        {
          label: "Browser",
          heads: true,
          cell: ({ userAgent, current }) => (
            <>{agentText(userAgent)} {current && <Badge tone="good">this one</Badge>}</>
          ),
        },
        { label: "From", cell: ({ lastAddress, address }) => lastAddress ?? address ?? "" },
        { label: "Last seen", cell: ({ lastSeenAt }) => <Ago at={lastSeenAt} /> },
        { label: "Ends", cell: ({ expiresAt }) => <Moment at={expiresAt} /> },
        {
          label: "Action",
          end: true,
          cell: ({ id }) => (
            <form method="post" action={action}>
              <input type="hidden" name="session" value={id} />
              <Button>End it</Button>
            </form>
          ),
        },
      ]}
    />
  );
}

function PasswordField({ id, state }: { id: string; state: FormState }): Markup {
  return (
    <TextField
      id={id}
      name="password"
      label="Your password"
      type="password"
      autocomplete="current-password"
      required
      state={state}
    />
  );
}

function Codes({ me, state }: { me: Me; state: FormState }): Markup {
  if (!me.totp) {
    return (
      <>
        <p>
          Logins then ask for a code that an app on your phone shows, so that a password alone is of
          no use to anybody else.
        </p>
        <Form action="/account/totp" submit="Set one-time codes up" state={state}>
          <PasswordField id="totp-password" state={state} />
        </Form>
      </>
    );
  }
  return (
    <>
      <p>
        Logins ask for a one-time code. {countText(me.recoveryCodesLeft, "recovery code")}{" "}
        {me.recoveryCodesLeft === 1 ? "is" : "are"} left.
      </p>
      <div class="columns">
        <Form
          action="/account/recovery"
          submit="Make fresh recovery codes"
          kind="plain"
          state={state}
        >
          <PasswordField id="recovery-password" state={state} />
        </Form>
        <Form action="/account/totp/off" submit="Ask for no code any more" kind="danger">
          <PasswordField id="off-password" state={EMPTY_FORM} />
        </Form>
      </div>
    </>
  );
}

/** `failed`: which form was sent, and what is wrong with it. */
export function AccountPage(
  { me, sessions, failed }: {
    me: Me;
    sessions: readonly SessionView[];
    failed?: { readonly form: "password" | "totp"; readonly state: FormState };
  },
): Markup {
  const stateOf = (form: "password" | "totp") => failed?.form === form ? failed.state : EMPTY_FORM;
  return (
    <>
      <PageHeader
        title={me.name}
        actions={me.account === null
          ? undefined
          : <LinkButton href="/tokens">API tokens</LinkButton>}
      />
      <Card id="facts" title="Account">
        <Facts
          items={[
            {
              term: "May",
              value: me.by === "root" ? "everything: root on the box" : grantsText(me.grants),
            },
            { term: "Password changed", value: <Moment at={me.passwordChangedAt} /> },
          ]}
        />
      </Card>
      {me.account === null
        ? (
          <Notice tone="busy" title="Root on the box needs no account">
            Make one for each person: <a href="/users">users</a>.
          </Notice>
        )
        : (
          <>
            <Card id="totp" title="One-time codes">
              <Codes me={me} state={stateOf("totp")} />
            </Card>
            <Card id="password" title="Password">
              <Form action="/account/password" submit="Change it" state={stateOf("password")}>
                <TextField
                  name="current"
                  label="The one of now"
                  type="password"
                  autocomplete="current-password"
                  required
                />
                <TextField
                  id="new-password"
                  name="password"
                  label="The new one"
                  type="password"
                  autocomplete="new-password"
                  required
                  hint="At least 10 characters. Your other sessions end."
                />
                <TextField
                  name="again"
                  label="The new one once more"
                  type="password"
                  autocomplete="new-password"
                  required
                />
              </Form>
            </Card>
            <Card id="sessions" title="Sessions" count={sessions.length} flush>
              <Sessions sessions={sessions} action="/account/sessions" />
            </Card>
          </>
        )}
    </>
  );
}

/** The secret for an app, as a picture and as text. */
export function TotpPage(
  { begun, sealed, state = EMPTY_FORM }: {
    begun: TotpBegun;
    /** What this page needs once more, unread. */
    sealed: string;
    state?: FormState;
  },
): Markup {
  const groups = begun.secret.match(/.{1,4}/g) ?? [];
  return (
    <>
      <PageHeader
        title="One-time codes"
        crumbs={[{ text: "Account", href: "/account" }]}
        lead="Read this with an app for one-time codes, then type the code that it shows."
      />
      <Card id="secret" title="Secret">
        <QrCode text={begun.uri} label="The secret as a QR picture; it stands below as text" />
        <p>
          Or type it: <Command>{groups.join(" ")}</Command>
        </p>
        <Form action="/account/totp/confirm" submit="Confirm" state={state}>
          <input type="hidden" name="begun" value={sealed} />
          <TextField
            name="code"
            label="Code"
            inputmode="numeric"
            autocomplete="one-time-code"
            maxlength={10}
            required
            state={state}
          />
        </Form>
      </Card>
    </>
  );
}

/** Recovery codes, this once. */
export function RecoveryPage({ codes }: { codes: readonly string[] }): Markup {
  return (
    <>
      <PageHeader
        title="Recovery codes"
        crumbs={[{ text: "Account", href: "/account" }]}
        lead="Each logs you in once, without your phone. They are shown now and never again."
      />
      <Card id="codes" title="Keep them where your phone is not">
        <ul class="codes">{codes.map((code) => <li>{code}</li>)}</ul>
        <p>
          <LinkButton href="/account" kind="primary">I have them</LinkButton>
        </p>
      </Card>
    </>
  );
}
