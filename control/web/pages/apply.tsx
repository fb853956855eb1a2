/** `/apply` and what follows an upload: faults, plan, release. */
import { SkerryError } from "../../../shared/errors.ts";
import { ReleaseId } from "../../../shared/model/ids.ts";
import { blobContent } from "../../../shared/project/carried_files.ts";
import { planRequest } from "../../../shared/project/prepare.ts";
import {
  ApplyPage,
  UploadFaultsPage,
  UploadPlanPage,
  type UploadProps,
  UploadRefusedPage,
  VARIABLE_FIELD,
} from "../../../ui/pages/apply.tsx";
import { may } from "../../authz/may.ts";
import type { HeldUpload } from "../../uploads/held_uploads.ts";
import type { ReadUpload } from "../../uploads/read_upload.ts";
import { faultsOf, formError, isStale } from "../faults.ts";
import type { FormDone, FormRoute, Page, PageAsked, PageShown } from "../page.ts";
import { rightsKey } from "../viewer.ts";

export const applyPage: Page = {
  path: "/apply",
  show: () => Promise.resolve({ title: "Apply", main: <ApplyPage />, live: false }),
};

/** Whose uploads these are: of an account, or of root. */
function ownerOf({ caller, viewer }: PageAsked): string {
  return caller.kind === "user" ? caller.account : `${rightsKey(caller)} ${viewer.name ?? ""}`;
}

/** An upload is read where somebody sends one: the reader and its packages are loaded then. */
export const uploadForm: FormRoute = {
  path: "/apply",
  raw: true,
  async submit({ request, uploads, ...asked }) {
    const { UPLOAD_BOUNDS } = await import("../../uploads/bounds.ts");
    const { receiveUpload } = await import("../../uploads/receive.ts");
    if (!may(asked.caller, "apply", { kind: "any" })) {
      await request.body?.cancel();
      throw new SkerryError(
        "forbidden",
        "your role covers no project that you could apply",
        "An administrator can grant operator for a project.",
      );
    }
    const owner = ownerOf({ uploads, ...asked });
    using _coming = uploads.enter(owner);
    const { id, folder } = await uploads.begin(owner);
    try {
      const { fields, name, modes } = await receiveUpload(request, folder, UPLOAD_BOUNDS);
      const projectName = (fields["project"] ?? "").trim();
      await uploads.keep(id, {
        owner,
        name,
        modes,
        projectName: projectName === "" ? null : projectName,
        variables: {},
      });
      return { redirect: `/apply/${id}` };
    } catch (thrown) {
      await uploads.drop(id);
      const state = { values: {}, errors: { "": formError(thrown) } };
      return { title: "Apply", main: <ApplyPage state={state} /> };
    }
  },
};

function propsOf(upload: HeldUpload, read: ReadUpload | null): UploadProps {
  return {
    id: upload.id,
    files: read?.files ?? [],
    projectName: upload.projectName,
    variables: (read?.variables ?? []).map((each) => ({
      ...each,
      typed: upload.variables[each.name] ?? null,
    })),
  };
}

async function prepared(read: Extract<ReadUpload, { kind: "ok" }>) {
  const { prepareUpload } = await import("../../uploads/prepare_upload.ts");
  return await prepareUpload(read);
}

async function planned(asked: PageAsked, changedMeanwhile: boolean): Promise<PageShown> {
  const { readUpload } = await import("../../uploads/read_upload.ts");
  const upload = await asked.uploads.get(asked.params["upload"] ?? "", ownerOf(asked));
  let read: ReadUpload | null = null;
  try {
    read = readUpload(upload);
    const props = propsOf(upload, read);
    if (read.kind === "problems") {
      return {
        title: "Faults",
        live: false,
        status: 422,
        main: <UploadFaultsPage upload={props} faults={read.problems} />,
      };
    }
    const ready = await prepared(read);
    const plan = await asked.api.plan(ready.project, planRequest(ready, false));
    return {
      title: `Plan for ${plan.project}`,
      live: false,
      main: (
        <UploadPlanPage
          upload={props}
          plan={plan}
          notes={read.notes}
          changedMeanwhile={changedMeanwhile}
        />
      ),
    };
  } catch (thrown) {
    const faults = faultsOf(thrown);
    if (faults === null) throw thrown;
    return {
      title: "This cannot be applied",
      live: false,
      status: 422,
      main: (
        <UploadRefusedPage
          upload={propsOf(upload, read)}
          project={read?.kind === "ok" ? read.project.model.name : null}
          faults={faults}
        />
      ),
    };
  }
}

export const uploadPage: Page = {
  path: "/apply/:upload",
  show: (asked) => planned(asked, false),
};

export const variablesForm: FormRoute = {
  path: "/apply/:upload/variables",
  async submit({ form, ...asked }): Promise<FormDone> {
    const owner = ownerOf(asked);
    const { id, folder: _folder, at: _at, ...meta } = await asked.uploads.get(
      asked.params["upload"] ?? "",
      owner,
    );
    const typed = form.names().flatMap((name) => {
      const value = form.text(name);
      return name.startsWith(VARIABLE_FIELD) && value !== ""
        ? [[name.slice(VARIABLE_FIELD.length), value] as const]
        : [];
    });
    const project = form.text("project").trim();
    await asked.uploads.keep(id, {
      ...meta,
      variables: Object.fromEntries(typed),
      projectName: project === "" ? null : project,
    });
    return { redirect: `/apply/${id}` };
  },
};

export const releaseForm: FormRoute = {
  path: "/apply/:upload",
  async submit({ form, ...asked }): Promise<FormDone> {
    const { readUpload } = await import("../../uploads/read_upload.ts");
    const { api, uploads } = asked;
    const upload = await uploads.get(asked.params["upload"] ?? "", ownerOf(asked));
    try {
      const read = readUpload(upload);
      if (read.kind === "problems") return await planned(asked, false);
      const ready = await prepared(read);
      const request = planRequest(ready, false);
      const parent = form.text("parent") === "" ? null : ReleaseId.parse(form.text("parent"));
      const { missingBlobs } = await api.plan(ready.project, request);
      for (const hash of missingBlobs) {
        await api.putBlob(hash, await blobContent(hash, ready.carried.blobs));
      }
      // Sent twice by two clicks, it is released once.
      const key = `upload ${upload.id} ${parent ?? "none"}`;
      const { id } = await api.createRelease(ready.project, { ...request, parent }, key);
      return {
        redirect: `/releases/${id}`,
        flash: { kind: "done", text: `The release of ${ready.project} is on its way.` },
      };
    } catch (thrown) {
      if (isStale(thrown)) return { ...await planned(asked, true), status: 409 };
      if (faultsOf(thrown) === null) throw thrown;
      return await planned(asked, false);
    }
  },
};
