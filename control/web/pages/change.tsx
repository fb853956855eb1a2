/** `/projects/P/change` */
import { type Editable, EditRequest } from "../../../shared/api/edits.ts";
import { SkerryError } from "../../../shared/errors.ts";
import type { FormState } from "../../../ui/components/form.tsx";
import { ChangePage, ChangePlanPage, ChangeRefusedPage } from "../../../ui/pages/change.tsx";
import { serviceHref } from "../../../ui/text/hrefs.ts";
import { faultsOf, formError, isStale } from "../faults.ts";
import type { FormValues } from "../form_values.ts";
import type { FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";

const FIELDS = ["service", "image", "replicas", "cron", "variable", "newVariable", "value", "from"];
/** Asked for by a link alone, not by a field of the form. */
const ACTS = ["restart"];

function projectOf({ params }: PageAsked): string {
  return params["project"] ?? "";
}

function changeAddress(project: string, query = ""): string {
  return `/projects/${encodeURIComponent(project)}/change${query}`;
}

function restartOf(service: string): EditRequest {
  const request = EditRequest.safeParse({ edits: [{ kind: "restart", service }] });
  if (request.success) return request.data;
  throw new SkerryError("not_found", `there is no service "${service.slice(0, 80)}"`);
}

/** What a form asks for, beside what is so already. */
function requestOf(form: FormValues, editable: Editable | null): EditRequest {
  const from = form.text("from");
  if (from !== "") return EditRequest.parse({ from, edits: [] });
  const name = form.text("service");
  if (form.text("restart") === "yes") return restartOf(name);
  const service = editable?.services.find((each) => each.service === name);
  if (service === undefined) {
    throw new SkerryError(
      "not_found",
      `there is no service "${name}"`,
      "Open the page again: it may have gone meanwhile.",
    );
  }
  const edits: unknown[] = [];
  const image = form.text("image").trim();
  if (service.image !== null && image !== "" && image !== service.image) {
    edits.push({ kind: "image", service: name, image });
  }
  const replicas = form.text("replicas").trim();
  if (replicas !== "" && replicas !== String(service.replicas)) {
    edits.push({ kind: "replicas", service: name, replicas: Number(replicas) });
  }
  const cron = form.text("cron").trim();
  if (service.cron !== null && cron !== "" && cron !== service.cron) {
    edits.push({ kind: "schedule", service: name, cron });
  }
  const variable = form.text("newVariable").trim() || form.text("variable");
  if (variable !== "") {
    edits.push({ kind: "variable", service: name, name: variable, value: form.text("value") });
  }
  const parsed = EditRequest.safeParse({ edits });
  if (!parsed.success) {
    const fault = parsed.error.issues[0];
    throw new SkerryError(
      "bad_request",
      `${String(fault?.path.at(-1) ?? "the value")} is not as it should be: ${fault?.message}`,
    );
  }
  if (edits.length === 0) {
    throw new SkerryError("bad_request", "nothing is different", "Change a value, then send it.");
  }
  return parsed.data;
}

function chosenOf(editable: Editable, name: string | null) {
  const { services } = editable;
  return services.find((each) => each.service === name) ??
    (services.length === 1 ? services[0] ?? null : null);
}

function formShown(editable: Editable, service: string | null, state?: FormState): PageShown {
  return {
    title: `Change ${editable.project}`,
    live: false,
    main: (
      <ChangePage
        editable={editable}
        chosen={chosenOf(editable, service)}
        {...(state === undefined ? {} : { state })}
      />
    ),
  };
}

async function planShown(
  { api, ...asked }: PageAsked,
  request: EditRequest,
  hidden: Readonly<Record<string, string>>,
  stale: boolean,
): Promise<PageShown> {
  const project = projectOf({ api, ...asked });
  const plan = await api.planEdit(project, request);
  const service = hidden["service"];
  const isRestart = hidden["restart"] === "yes";
  const title = isRestart
    ? `Restart ${service}`
    : request.from === undefined
    ? `Plan for ${project}`
    : `Go back, ${project}`;
  return {
    title,
    live: false,
    status: stale ? 409 : 200,
    main: (
      <ChangePlanPage
        plan={plan}
        hidden={hidden}
        title={title}
        submit={isRestart ? "Restart" : "Apply"}
        stale={stale}
        back={service === undefined
          ? `/projects/${encodeURIComponent(project)}`
          : isRestart
          ? serviceHref(project, service)
          : changeAddress(project, `?service=${encodeURIComponent(service)}`)}
      />
    ),
  };
}

function refusedShown(project: string, thrown: unknown): PageShown {
  const faults = faultsOf(thrown);
  if (faults === null) throw thrown;
  return {
    title: `${project} stays as it is`,
    live: false,
    status: 422,
    main: <ChangeRefusedPage project={project} faults={faults} />,
  };
}

export const changePage: Page = {
  path: "/projects/:project/change",
  async show(asked) {
    const project = projectOf(asked);
    const from = asked.query.get("from");
    try {
      if (from !== null) {
        const request = EditRequest.safeParse({ from, edits: [] });
        if (!request.success) throw new SkerryError("not_found", "there is no such release");
        return await planShown(asked, request.data, { from }, false);
      }
      const service = asked.query.get("service");
      if (service !== null && asked.query.get("restart") === "yes") {
        return await planShown(asked, restartOf(service), { service, restart: "yes" }, false);
      }
      return formShown(await asked.api.editable(project), service);
    } catch (thrown) {
      return refusedShown(project, thrown);
    }
  },
};

export const changeForm: FormRoute = {
  path: "/projects/:project/change",
  async submit({ form, ...asked }): Promise<FormDone> {
    const { api } = asked;
    const project = projectOf(asked);
    const sent = Object.fromEntries(
      [...FIELDS, ...ACTS].flatMap((name) =>
        form.text(name) === "" ? [] : [[name, form.text(name)] as const]
      ),
    );
    const hasFields = form.text("from") === "" && form.text("restart") === "";
    const editable = !hasFields ? null : await api.editable(project);
    try {
      const request = requestOf(form, editable);
      if (form.text("confirmed") !== "yes") return await planShown(asked, request, sent, false);
      const parent = form.text("parent");
      const whole = EditRequest.parse({ ...request, ...(parent === "" ? {} : { parent }) });
      try {
        const { id } = await api.edit(project, whole, crypto.randomUUID());
        return {
          redirect: `/releases/${id}`,
          flash: {
            kind: "done",
            text: sent["restart"] === "yes"
              ? `${sent["service"]} starts anew.`
              : `The change of ${project} is on its way.`,
          },
        };
      } catch (thrown) {
        if (!isStale(thrown)) throw thrown;
        return await planShown(asked, request, sent, true);
      }
    } catch (thrown) {
      if (editable === null) return refusedShown(project, thrown);
      const state = { values: { ...sent, value: "" }, errors: { "": formError(thrown) } };
      return formShown(editable, form.text("service"), state);
    }
  },
};
