/** `/projects/P/change`: one value of a running project, and the way back to an earlier release. */
import type { z } from "zod";
import type { Editable, EditableService } from "../../shared/api/edits.ts";
import type { PlanAnswer } from "../../shared/api/release.ts";
import { Card, Empty, PageHeader } from "../components/card.tsx";
import { type Fault, Faults } from "../components/faults.tsx";
import { Button, EMPTY_FORM, Form, type FormState, LinkButton } from "../components/form.tsx";
import { SelectField, TextField } from "../components/form.tsx";
import { PlanDiff } from "../components/plan.tsx";
import type { Markup } from "../markup.ts";

function addressOf(project: string): string {
  return `/projects/${encodeURIComponent(project)}/change`;
}

function crumbsOf(project: string) {
  return [
    { text: "Projects", href: "/projects" },
    { text: project, href: `/projects/${encodeURIComponent(project)}` },
  ];
}

function Fields({ service, state }: { service: EditableService; state: FormState }): Markup {
  return (
    <>
      {service.image === null
        ? <p class="hint">Its image is built from sources: change it by an apply.</p>
        : (
          <TextField
            name="image"
            label="Image"
            value={service.image}
            state={state}
            hint="Mostly only the part after the colon changes."
          />
        )}
      <TextField
        name="replicas"
        label="Replicas"
        type="number"
        inputmode="numeric"
        value={String(service.replicas)}
        state={state}
      />
      {service.cron !== null && (
        <TextField
          name="cron"
          label="Schedule"
          value={service.cron}
          state={state}
          hint="Minute, hour, day, month, weekday: 0 3 * * * is every night at three."
        />
      )}
      <fieldset class="group">
        <legend>One variable</legend>
        {service.variables.length > 0 && (
          <SelectField
            name="variable"
            label="Variable"
            state={state}
            options={[
              { value: "", text: "none" },
              ...service.variables.map((name) => ({ value: name, text: name })),
            ]}
          />
        )}
        <TextField name="newVariable" label="Or a new one" state={state} maxlength={512} />
        <TextField
          name="value"
          label="Its new value"
          state={state}
          hint="Values are never shown. Empty is a value too."
        />
      </fieldset>
    </>
  );
}

/** Where a value is changed. */
export function ChangePage(
  { editable, chosen, state = EMPTY_FORM }: {
    editable: Editable;
    /** The service whose values are shown; null: none is chosen yet. */
    chosen: EditableService | null;
    state?: FormState;
  },
): Markup {
  const { project, services, release } = editable;
  return (
    <>
      <PageHeader
        title={`Change ${project}`}
        crumbs={crumbsOf(project)}
        lead="One value, without the project's files. You see the plan before anything is done."
      />
      <Card id="services" title="Service" count={services.length}>
        {services.length === 0 ? <Empty title="Nothing of it runs" /> : (
          <nav aria-label="Services">
            <ul class="chips">
              {services.map(({ service }) => (
                <li>
                  <a
                    class="chip"
                    href={`${addressOf(project)}?service=${encodeURIComponent(service)}`}
                    aria-current={service === chosen?.service ? "true" : undefined}
                  >
                    {service}
                  </a>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </Card>
      {chosen !== null && (
        <Card id="values" title={chosen.service}>
          <Form action={addressOf(project)} submit="Show the plan" state={state}>
            <input type="hidden" name="service" value={chosen.service} />
            <input type="hidden" name="parent" value={release} />
            <Fields service={chosen} state={state} />
          </Form>
        </Card>
      )}
    </>
  );
}

/** What a change, or going back, would come to. */
export function ChangePlanPage(
  { plan, hidden, back, title, submit, stale }: {
    plan: z.infer<typeof PlanAnswer>;
    /** Sent again with the word to carry it out. */
    hidden: Readonly<Record<string, string>>;
    back: string;
    title: string;
    /** The word to do it. */
    submit: string;
    stale: boolean;
  },
): Markup {
  return (
    <>
      <PageHeader
        title={title}
        crumbs={crumbsOf(plan.project)}
        lead={stale
          ? "Somebody else changed the project meanwhile. This is the plan as it is now."
          : "Nothing is done before you apply it."}
      />
      <Card id="plan" title="What changes">
        <PlanDiff plan={plan} />
        <form class="form-end" method="post" action={addressOf(plan.project)}>
          {Object.entries(hidden).map(([name, value]) => (
            <input type="hidden" name={name} value={value} />
          ))}
          <input type="hidden" name="parent" value={plan.parent ?? ""} />
          <input type="hidden" name="confirmed" value="yes" />
          {plan.changes && <Button kind="primary">{submit}</Button>}
          <LinkButton href={back}>Back</LinkButton>
        </form>
      </Card>
    </>
  );
}

/** Going back cannot be done. */
export function ChangeRefusedPage(
  { project, faults }: { project: string; faults: readonly Fault[] },
): Markup {
  return (
    <>
      <PageHeader title={`${project} stays as it is`} crumbs={crumbsOf(project)} />
      <Faults title="What keeps it" faults={faults} />
    </>
  );
}
