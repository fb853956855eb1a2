/** What is done to single things: secrets set, volumes and projects removed, images cleared away. */
import type { PruneAnswer } from "../../shared/api/images.ts";
import { Card, Empty, Notice, PageHeader } from "../components/card.tsx";
import { DangerZone } from "../components/danger.tsx";
import { Button, EMPTY_FORM, FileField, Form, type FormState } from "../components/form.tsx";
import { SelectField, TextArea, TextField } from "../components/form.tsx";
import type { Markup } from "../markup.ts";
import { bytesText, countText } from "../text/format.ts";
import { projectHref } from "../text/hrefs.ts";

/** A form that sets a secret; its value is never filled in again. */
export function SecretForm(
  { projects, state = EMPTY_FORM }: { projects: readonly string[]; state?: FormState },
): Markup {
  return (
    <Card id="set" title="Set a secret">
      <Form action="/secrets" submit="Set it" multipart state={state}>
        <TextField name="name" label="Name" required maxlength={128} state={state} />
        <SelectField
          name="project"
          label="For"
          state={state}
          options={[
            { value: "", text: "every project" },
            ...projects.map((name) => ({ value: name, text: name })),
          ]}
        />
        <TextArea
          name="secret"
          label="Value"
          rows={3}
          hint="Exactly as typed, without a line end."
        />
        <FileField name="file" label="Or a file with the value" />
      </Form>
    </Card>
  );
}

/** A page that asks once more, with the name typed. */
export function RemovePage(
  { title, crumbs, explanation, action, confirmName, submit, hidden, error }: {
    title: string;
    crumbs: readonly { readonly text: string; readonly href: string }[];
    explanation: string;
    action: string;
    confirmName: string;
    submit: string;
    hidden: Readonly<Record<string, string>>;
    error: string | null;
  },
): Markup {
  const query = new URLSearchParams(hidden);
  return (
    <>
      <PageHeader title={title} crumbs={crumbs} />
      <DangerZone
        id="remove"
        title="This cannot be undone"
        explanation={explanation}
        action={query.size === 0 ? action : `${action}?${query}`}
        confirmName={confirmName}
        submit={submit}
        {...(error === null ? {} : { state: { values: {}, errors: { confirm: error } } })}
      />
    </>
  );
}

/** `/projects/P/delete`: what runs goes; the data only where that is wished, too. */
export function DeleteProjectPage(
  { project, volumes, error }: {
    project: string;
    volumes: readonly string[];
    error: { readonly purge: boolean; readonly text: string } | null;
  },
): Markup {
  const action = `${projectHref(project)}/delete`;
  const stateOf = (purge: boolean) =>
    error?.purge === purge ? { state: { values: {}, errors: { confirm: error.text } } } : {};
  return (
    <>
      <PageHeader
        title={`Remove ${project}`}
        crumbs={[
          { text: "Projects", href: "/projects" },
          { text: project, href: projectHref(project) },
        ]}
      />
      <DangerZone
        id="delete"
        title="Remove it, keep its data"
        explanation="Containers, names and routes go. Volumes and secrets stay: applied again, it finds them."
        action={action}
        confirmName={project}
        submit="Remove"
        {...stateOf(false)}
      />
      <DangerZone
        id="purge"
        title="Remove it with its data"
        explanation={volumes.length === 0
          ? "Its secrets go too. It has no volumes."
          : `Its secrets go too, and for good ${countText(volumes.length, "volume")}: ${
            volumes.join(", ")
          }.`}
        action={`${action}?purge=yes`}
        confirmName={project}
        submit="Remove with all data"
        {...stateOf(true)}
      />
    </>
  );
}

/** What may be done to images. */
export function ImageForms({ error }: { error: string | null }): Markup {
  const state = error === null ? EMPTY_FORM : { values: {}, errors: { reference: error } };
  return (
    <div class="columns">
      <Card id="pull" title="Fetch an image">
        <Form action="/images/pull" submit="Fetch" kind="plain" state={state}>
          <TextField
            name="reference"
            label="Image"
            required
            maxlength={512}
            placeholder="docker.io/library/nginx:1.27"
            state={state}
          />
        </Form>
      </Card>
      <Card id="prune" title="Clear away">
        <p>Images that neither the current nor the previous release of a project needs.</p>
        <p>
          <a class="button plain" href="/images/prune">See what would go</a>
        </p>
      </Card>
    </div>
  );
}

/** `/images/prune`: a dry run, and the word to do it. */
export function PrunePage({ answer }: { answer: PruneAnswer }): Markup {
  const { removed } = answer;
  return (
    <>
      <PageHeader title="Clear images away" crumbs={[{ text: "Images", href: "/images" }]} />
      <Card id="prune" title="What would go" count={removed.length}>
        {removed.length === 0 ? <Empty title="Every image is needed" /> : (
          <>
            <ul class="doc-list">
              {removed.map((each) => (
                <li class="mono">
                  {each.references.length === 0 ? each.id.slice(0, 12) : each.references.join(" ")}
                </li>
              ))}
            </ul>
            <Notice tone="busy" title={`This frees ${bytesText(answer.freedBytes)}`} />
            <form method="post" action="/images/prune">
              <Button kind="danger">Remove them</Button>
            </form>
          </>
        )}
      </Card>
    </>
  );
}
