/** The fields of ui/components/grants.tsx as grants. */
import { Grant } from "../../shared/model/role.ts";
import { SkerryError } from "../../shared/errors.ts";
import { ROLE_FIELD } from "../../ui/components/grants.tsx";
import type { FormValues } from "./form_values.ts";

/** Errors: `bad_request` for what no select of ours sends. */
export function grantsOf(form: FormValues): Grant[] {
  const chosen = form.names().filter((name) => name.startsWith(ROLE_FIELD)).map((name) => ({
    role: form.text(name),
    project: name.slice(ROLE_FIELD.length),
  }));
  const added = { role: form.text("addRole"), project: form.text("addProject") };
  const all = [
    { role: form.text("everywhere"), project: null },
    ...chosen,
    ...added.project === "" ? [] : [added],
  ].filter(({ role }) => role !== "");
  return all.map((each) => {
    const grant = Grant.safeParse(each);
    if (grant.success) return grant.data;
    throw new SkerryError(
      "bad_request",
      "a role or project is not as it should be",
      "Choose a role, and write a project's name or leave it empty.",
    );
  });
}
