/** Pages for those who are not logged in: `/login`, the step with a one-time code, `/setup/TOKEN`. */
import type { LinkLook } from "../../shared/api/accounts.ts";
import { Command, Notice, PageHeader } from "../components/card.tsx";
import { EMPTY_FORM, Form, type FormState, TextField } from "../components/form.tsx";
import type { Child, Markup } from "../markup.ts";

function Room({ children }: { children: Child }): Markup {
  return (
    <section class="card gate">
      <div class="card-body">{children}</div>
    </section>
  );
}

/** `ready` false: nobody can log in yet. */
export function LoginPage(
  { next, state = EMPTY_FORM, ready }: { next: string; state?: FormState; ready: boolean },
): Markup {
  return (
    <>
      <PageHeader title="Log in" />
      {!ready && (
        <Notice tone="warn" title="There is no administrator yet">
          Open the set-up link that <Command>skerry up</Command>{" "}
          printed; root on the box gets a fresh one with <Command>skerry user setup-link</Command>.
        </Notice>
      )}
      <Room>
        <Form action="/login" submit="Log in" state={state}>
          <input type="hidden" name="next" value={next} />
          <TextField name="name" label="Name" autocomplete="username" required state={state} />
          <TextField
            name="password"
            label="Password"
            type="password"
            autocomplete="current-password"
            required
            state={state}
          />
        </Form>
      </Room>
      <p class="muted">
        Forgotten? Root on the box gives a fresh start: <Command>skerry user reset NAME</Command>.
      </p>
    </>
  );
}

/** `pending`: name and password, sealed by the server. */
export function CodePage(
  { next, pending, state = EMPTY_FORM }: { next: string; pending: string; state?: FormState },
): Markup {
  return (
    <>
      <PageHeader
        title="One-time code"
        lead="Type the code that your app shows, or a recovery code."
      />
      <Room>
        <Form action="/login" submit="Log in" state={state}>
          <input type="hidden" name="next" value={next} />
          <input type="hidden" name="pending" value={pending} />
          <TextField
            name="code"
            label="Code"
            autocomplete="one-time-code"
            maxlength={64}
            required
            state={state}
          />
        </Form>
      </Room>
      <p>
        <a href="/login">Log in as somebody else</a>
      </p>
    </>
  );
}

/** Where the first administrator is made, or a password is set by a one-time link. */
export function SetupPage(
  { token, look, state = EMPTY_FORM }: { token: string; look: LinkLook; state?: FormState },
): Markup {
  const first = look.kind === "first_admin";
  return (
    <>
      <PageHeader
        title={first ? "Welcome to Skerry" : `Set a password for ${look.name ?? ""}`}
        lead={first
          ? "Make the administrator of this box. The link works once."
          : "The link works once."}
      />
      <Room>
        <Form action="/setup" submit={first ? "Make the administrator" : "Set it"} state={state}>
          <input type="hidden" name="token" value={token} />
          {look.name === null
            ? (
              <TextField
                name="name"
                label="Name"
                autocomplete="username"
                maxlength={64}
                required
                state={state}
                hint="Lower-case letters, digits, dots, hyphens."
              />
            )
            : <input type="hidden" name="username" autocomplete="username" value={look.name} />}
          <TextField
            name="password"
            label="Password"
            type="password"
            autocomplete="new-password"
            required
            state={state}
            hint="At least 10 characters; some words of your own are best."
          />
          <TextField
            name="again"
            label="Password once more"
            type="password"
            autocomplete="new-password"
            required
            state={state}
          />
        </Form>
      </Room>
    </>
  );
}
