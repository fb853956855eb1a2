/** Forms about single things: secrets, volumes, projects, jobs, images. */
import { SkerryError } from "../../../shared/errors.ts";
import { SecretName } from "../../../shared/api/endpoints.ts";
import type { FormState } from "../../../ui/components/form.tsx";
import {
  DeleteProjectPage,
  ImageForms,
  PrunePage,
  RemovePage,
  SecretForm,
} from "../../../ui/pages/acts.tsx";
import { PageHeader } from "../../../ui/components/card.tsx";
import { serviceHref } from "../../../ui/text/hrefs.ts";
import { checkConfirmed } from "../confirmed.ts";
import { formError } from "../faults.ts";
import type { FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";

const SECRET_BYTES = 1 << 20;

async function projectNames({ api }: PageAsked): Promise<string[]> {
  return (await api.projects()).map(({ name }) => name).sort();
}

async function secretShown(asked: PageAsked, state: FormState): Promise<PageShown> {
  return {
    title: "Secrets",
    status: 422,
    main: (
      <>
        <PageHeader title="Set a secret" crumbs={[{ text: "Secrets", href: "/secrets" }]} />
        <SecretForm projects={await projectNames(asked)} state={state} />
      </>
    ),
  };
}

const setSecret: FormRoute = {
  path: "/secrets",
  limitBytes: SECRET_BYTES,
  async submit(asked): Promise<FormDone> {
    const { api, form } = asked;
    const [name, project] = [form.text("name").trim(), form.text("project")];
    const again = (errors: Record<string, string>) =>
      secretShown(asked, { values: { name, project }, errors });
    if (!SecretName.safeParse(name).success) {
      return await again({
        name: "Letters, digits, dots, hyphens and _, the first a letter or digit.",
      });
    }
    const [file] = form.files("file");
    const typed = form.text("secret");
    if (file !== undefined && typed !== "") {
      return await again({ secret: "Type it, or choose a file." });
    }
    const value = file === undefined
      ? new TextEncoder().encode(typed)
      : new Uint8Array(await file.arrayBuffer());
    if (value.length === 0) return await again({ secret: "A value is needed." });
    try {
      await api.putSecret(name, value, project === "" ? undefined : project);
    } catch (thrown) {
      return await again({ "": formError(thrown) });
    }
    return { redirect: "/secrets", flash: { kind: "done", text: `The secret ${name} is set.` } };
  },
};

interface Removal {
  readonly path: string;
  readonly crumb: { readonly text: string; readonly href: string };
  /** Names of what the query says, the last one to be typed. */
  readonly query: readonly string[];
  readonly submit: string;
  readonly explanation: string;
  readonly remove: (api: PageAsked["api"], values: readonly string[]) => Promise<void>;
}

const REMOVALS: readonly Removal[] = [
  {
    path: "/volumes/delete",
    crumb: { text: "Volumes", href: "/volumes" },
    query: ["project", "volume"],
    submit: "Remove the volume",
    explanation:
      "The volume goes with all its data, for good. It is refused while a service uses it.",
    remove: (api, [project = "", volume = ""]) => api.deleteVolume(project, volume),
  },
  {
    path: "/secrets/delete",
    crumb: { text: "Secrets", href: "/secrets" },
    query: ["project", "secret"],
    submit: "Remove the secret",
    explanation: "The secret goes with all its versions. It is refused while a service uses it.",
    remove: (api, [project = "", secret = ""]) =>
      api.deleteSecret(secret, project === "" ? undefined : project),
  },
];

function removalShown({ query }: PageAsked, removal: Removal, error: string | null): PageShown {
  const values = removal.query.map((each) => query.get(each) ?? "");
  const name = values.at(-1) ?? "";
  if (name === "") throw new SkerryError("not_found", "it is not said what is to be removed");
  return {
    title: `Remove ${name}`,
    live: false,
    ...(error === null ? {} : { status: 422 }),
    main: (
      <RemovePage
        title={`Remove ${name}`}
        crumbs={[removal.crumb]}
        explanation={removal.explanation}
        action={removal.path}
        confirmName={name}
        submit={removal.submit}
        hidden={Object.fromEntries(removal.query.map((each, at) => [each, values[at] ?? ""]))}
        error={error}
      />
    ),
  };
}

async function deleteShown(
  { api, params }: PageAsked,
  error: { readonly purge: boolean; readonly text: string } | null,
): Promise<PageShown> {
  const project = params["project"] ?? "";
  const volumes = (await api.volumes(project)).map(({ name }) => name);
  return {
    title: `Remove ${project}`,
    live: false,
    ...(error === null ? {} : { status: 422 }),
    main: <DeleteProjectPage project={project} volumes={volumes} error={error} />,
  };
}

const deleteProject: FormRoute = {
  path: "/projects/:project/delete",
  async submit(asked): Promise<FormDone> {
    const { api, form, params, query } = asked;
    const project = params["project"] ?? "";
    const purge = query.get("purge") === "yes";
    try {
      checkConfirmed(form, project);
      const { id } = await api.createRelease(
        project,
        { parts: {}, ...(purge ? { purge: project } : {}) },
        crypto.randomUUID(),
      );
      const text = purge ? `${project} goes, with its data.` : `${project} goes; its data stay.`;
      return { redirect: `/releases/${id}`, flash: { kind: "done", text } };
    } catch (thrown) {
      return await deleteShown(asked, { purge, text: formError(thrown) });
    }
  },
};

const JOB_ACTS = {
  run: async (api: PageAsked["api"], project: string, service: string) => {
    await api.startRun(project, service, { asJob: true, noDeps: true });
    return `${service} runs.`;
  },
  suspend: async (api: PageAsked["api"], project: string, service: string) => {
    await api.suspendJob(project, service, true);
    return `${service} is suspended.`;
  },
  resume: async (api: PageAsked["api"], project: string, service: string) => {
    await api.suspendJob(project, service, false);
    return `${service} runs by the clock again.`;
  },
} as const;

function jobForm(act: keyof typeof JOB_ACTS): FormRoute {
  return {
    path: `/projects/:project/jobs/:service/${act}`,
    async submit({ api, params }) {
      const [project, service] = [params["project"] ?? "", params["service"] ?? ""];
      const back = serviceHref(project, service);
      try {
        const text = await JOB_ACTS[act](api, project, service);
        return { redirect: back, flash: { kind: "done", text } };
      } catch (thrown) {
        return { redirect: back, flash: { kind: "failed", text: formError(thrown) } };
      }
    },
  };
}

const pullImage: FormRoute = {
  path: "/images/pull",
  async submit({ api, form }): Promise<FormDone> {
    const reference = form.text("reference").trim();
    try {
      if (reference === "") {
        throw new SkerryError(
          "bad_request",
          "an image needs a name",
          "Type one, such as docker.io/library/nginx:1.27.",
        );
      }
      for await (const event of api.pullImage(reference)) if (event.type === "done") break;
    } catch (thrown) {
      return {
        title: "Images",
        main: (
          <>
            <PageHeader title="Fetch an image" crumbs={[{ text: "Images", href: "/images" }]} />
            <ImageForms error={formError(thrown)} />
          </>
        ),
      };
    }
    return { redirect: "/images", flash: { kind: "done", text: `${reference} is here.` } };
  },
};

const prune: FormRoute = {
  path: "/images/prune",
  async submit({ api }) {
    const { removed } = await api.pruneImages(false);
    const text = `${removed.length} ${removed.length === 1 ? "image is" : "images are"} removed.`;
    return { redirect: "/images", flash: { kind: "done", text } };
  },
};

export const actPages: readonly Page[] = [
  ...REMOVALS.map((removal): Page => ({
    path: removal.path,
    show: (asked) => Promise.resolve(removalShown(asked, removal, null)),
  })),
  { path: "/projects/:project/delete", show: (asked) => deleteShown(asked, null) },
  {
    path: "/images/prune",
    show: async ({ api }) => ({
      title: "Clear images away",
      live: false,
      main: <PrunePage answer={await api.pruneImages(true)} />,
    }),
  },
];

export const actForms: readonly FormRoute[] = [
  setSecret,
  ...REMOVALS.map((removal): FormRoute => ({
    path: removal.path,
    async submit(asked) {
      const values = removal.query.map((each) => asked.query.get(each) ?? "");
      const name = values.at(-1) ?? "";
      try {
        checkConfirmed(asked.form, name);
        await removal.remove(asked.api, values);
      } catch (thrown) {
        return removalShown(asked, removal, formError(thrown));
      }
      return { redirect: removal.crumb.href, flash: { kind: "done", text: `${name} is removed.` } };
    },
  })),
  deleteProject,
  jobForm("run"),
  jobForm("suspend"),
  jobForm("resume"),
  pullImage,
  prune,
];
