/** `/apply`: hand a compose folder over, see what is wrong with it or what it would change, carry it out. */
import type { z } from "zod";
import type { PlanAnswer } from "../../shared/api/release.ts";
import { Card, Command, PageHeader } from "../components/card.tsx";
import { type Fault, Faults, type LineFault, LineFaults } from "../components/faults.tsx";
import {
  Button,
  EMPTY_FORM,
  Form,
  type FormState,
  LinkButton,
  TextArea,
  TextField,
} from "../components/form.tsx";
import { Island } from "../components/island.tsx";
import { PlanDiff } from "../components/plan.tsx";
import type { Markup } from "../markup.ts";
import { countText } from "../text/format.ts";

/** The start of prefixes of the fields of variables. */
export const VARIABLE_FIELD = "var.";

const EXAMPLE = "services:\n  web:\n    image: docker.io/library/nginx:1.27";
const CRUMBS = [{ text: "Apply", href: "/apply" }];

/** Where files are chosen. */
export function ApplyPage({ state = EMPTY_FORM }: { state?: FormState }): Markup {
  return (
    <>
      <PageHeader
        title="Apply"
        lead="Hand over a compose file. You see what is wrong with it and what would change before anything is done."
      />
      <Card id="upload" title="A project's files">
        <Island name="upload" id="upload-drop" settings={{}}>
          <Form action="/apply" submit="Read and plan" multipart state={state}>
            <div class="field">
              <label for="field-files">Folder</label>
              <input id="field-files" name="files" type="file" multiple webkitdirectory />
              <p class="hint">
                With its compose.yaml, .env and the files that services read. .git and node_modules
                are left out.
              </p>
            </div>
            <div class="field">
              <label for="field-file">Or one file: a zip, or the compose file alone</label>
              <input
                id="field-file"
                name="file"
                type="file"
                accept=".zip,.yaml,.yml,application/zip"
              />
            </div>
            <TextArea
              name="text"
              label="Or paste a compose file"
              rows={10}
              code
              state={state}
              placeholder={EXAMPLE}
            />
            <TextField
              name="project"
              label="Project"
              state={state}
              maxlength={63}
              hint="Empty: the name in the file, else the folder's."
            />
          </Form>
        </Island>
      </Card>
      <Card id="cli" title="From a terminal">
        <p>
          In the project's folder, also from another computer after{" "}
          <Command>skerry login https://box:7443</Command>:
        </p>
        <p>
          <Command>skerry apply --wait</Command>
        </p>
      </Card>
    </>
  );
}

export interface UploadVariable {
  readonly name: string;
  /** What it is without being set; null: empty. */
  readonly fallback: string | null;
  readonly required: boolean;
  readonly inFile: boolean;
  /** As typed before. */
  readonly typed: string | null;
}

export interface UploadProps {
  readonly id: string;
  /** Relative paths of the compose files. */
  readonly files: readonly string[];
  readonly variables: readonly UploadVariable[];
  readonly projectName: string | null;
}

function variableHint({ inFile, fallback, required }: UploadVariable): string {
  if (inFile) return "Set in the uploaded .env; a value here goes before it.";
  if (fallback !== null && fallback !== "") return `Empty: ${fallback}`;
  return required ? "The file asks for it." : "Empty: it is not set.";
}

function Variables({ upload }: { upload: UploadProps }): Markup {
  const { id, variables, projectName } = upload;
  return (
    <Card id="variables" title="Variables" count={variables.length}>
      <Form action={`/apply/${id}/variables`} submit="Read again" kind="plain">
        {variables.map((each) => (
          <TextField
            name={`${VARIABLE_FIELD}${each.name}`}
            label={each.name}
            value={each.typed ?? ""}
            required={each.required && !each.inFile}
            hint={variableHint(each)}
          />
        ))}
        <TextField name="project" label="Project" value={projectName ?? ""} maxlength={63} />
      </Form>
    </Card>
  );
}

/** What is wrong with an upload, each fault at its line. */
export function UploadFaultsPage(
  { upload, faults }: { upload: UploadProps; faults: readonly LineFault[] },
): Markup {
  return (
    <>
      <PageHeader
        title="This cannot be applied yet"
        crumbs={CRUMBS}
        lead={`${countText(faults.length, "fault")} in ${
          upload.files.join(" and ")
        }. Nothing was changed.`}
        actions={<LinkButton href="/apply" kind="primary">Upload again</LinkButton>}
      />
      <Card id="faults" title="Faults" count={faults.length}>
        <LineFaults faults={faults} />
      </Card>
      {upload.variables.length > 0 && <Variables upload={upload} />}
    </>
  );
}

/** The compose file is right, but what it asks for cannot be done. */
export function UploadRefusedPage(
  { upload, project, faults }: {
    upload: UploadProps;
    project: string | null;
    faults: readonly Fault[];
  },
): Markup {
  return (
    <>
      <PageHeader
        title={project === null ? "This cannot be applied" : `${project} cannot be applied so`}
        crumbs={CRUMBS}
        lead="Nothing was changed."
        actions={<LinkButton href="/apply" kind="primary">Upload again</LinkButton>}
      />
      <Faults title="What keeps it" faults={faults} />
      {upload.variables.length > 0 && <Variables upload={upload} />}
    </>
  );
}

/** What an upload would change. */
export function UploadPlanPage(
  { upload, plan, notes, changedMeanwhile }: {
    upload: UploadProps;
    plan: z.infer<typeof PlanAnswer>;
    notes: readonly LineFault[];
    /** Somebody else released the project while this plan was looked at. */
    changedMeanwhile: boolean;
  },
): Markup {
  return (
    <>
      <PageHeader
        title={`Plan for ${plan.project}`}
        crumbs={CRUMBS}
        lead={changedMeanwhile
          ? "Somebody else changed the project meanwhile. This is the plan as it is now."
          : "Nothing is done before you apply it."}
      />
      <Card id="plan" title="What changes">
        <PlanDiff plan={plan} />
        <form class="form-end" method="post" action={`/apply/${upload.id}`}>
          <input type="hidden" name="parent" value={plan.parent ?? ""} />
          <Button kind="primary">{plan.changes ? "Apply" : "Apply all the same"}</Button>
          <LinkButton href="/apply">Upload again</LinkButton>
        </form>
      </Card>
      {notes.length > 0 && (
        <Card id="notes" title="Notes" count={notes.length}>
          <LineFaults faults={notes} tone="warn" />
        </Card>
      )}
      {upload.variables.length > 0 && <Variables upload={upload} />}
    </>
  );
}
