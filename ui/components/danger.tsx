/** What destroys data asks for the name of what is destroyed. */
import type { Child, Markup } from "../markup.ts";
import { Form, type FormState, TextField } from "./form.tsx";

/** The field that the name is typed into. */
export const CONFIRM_FIELD = "confirm";

/** A form that is sent only with the right name; whoever takes it must compare again. */
export function DangerZone(
  { id, title, explanation, action, confirmName, submit, state }: {
    id: string;
    title: string;
    explanation: Child;
    action: string;
    /** To be typed exactly. */
    confirmName: string;
    submit: string;
    state?: FormState | undefined;
  },
): Markup {
  return (
    <section class="card danger-zone" id={id} aria-labelledby={`${id}-title`}>
      <div class="card-head">
        <h2 id={`${id}-title`}>{title}</h2>
      </div>
      <div class="card-body">
        <div>{explanation}</div>
        <Form
          action={action}
          submit={submit}
          kind="danger"
          state={state}
        >
          <TextField
            id={`${id}-confirm`}
            name={CONFIRM_FIELD}
            label={`Type ${confirmName} to confirm`}
            required
            state={state}
          />
        </Form>
      </div>
    </section>
  );
}
