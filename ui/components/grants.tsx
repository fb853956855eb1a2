/** Roles and where somebody has them: as words, and as fields of a form. */
import { type Grant, ROLES } from "../../shared/model/role.ts";
import type { Markup } from "../markup.ts";
import { SelectField } from "./form.tsx";

/** The start of the names of fields of projects. */
export const ROLE_FIELD = "role.";

/** `admin everywhere, viewer in shop`. */
export function grantsText(grants: readonly Grant[]): string {
  if (grants.length === 0) return "nothing";
  return grants.map(({ role, project }) =>
    project === null ? `${role} everywhere` : `${role} in ${project}`
  ).join(", ");
}

const ROLE_WORDS: Readonly<Record<(typeof ROLES)[number], string>> = {
  viewer: "viewer: sees all, logs too",
  operator: "operator: applies, opens terminals, sets secrets",
  admin: "admin: everything",
};

function options(none: string) {
  return [
    { value: "", text: none },
    ...ROLES.map((role) => ({ value: role, text: ROLE_WORDS[role] })),
  ];
}

/** Fields: everywhere, each project that has a role, and one more. */
export function GrantFields(
  { grants, projects, none }: {
    grants: readonly Grant[];
    /** That there are. */
    projects: readonly string[];
    /** What no role anywhere means. */
    none: string;
  },
): Markup {
  const held = grants.filter(({ project }) => project !== null);
  const others = projects.filter((name) => !held.some(({ project }) => project === name));
  return (
    <fieldset class="group">
      <legend>Roles</legend>
      <SelectField
        name="everywhere"
        label="Everywhere"
        options={options(none)}
        value={grants.find(({ project }) => project === null)?.role ?? ""}
      />
      {held.map(({ role, project }) => (
        <SelectField
          name={`${ROLE_FIELD}${project ?? ""}`}
          label={`In ${project ?? ""}`}
          options={options("none")}
          value={role}
        />
      ))}
      {others.length > 0 && (
        <>
          <SelectField
            name="addProject"
            label="In one more project"
            options={[
              { value: "", text: "none" },
              ...others.map((name) => ({ value: name, text: name })),
            ]}
          />
          <SelectField
            name="addRole"
            label="As"
            options={ROLES.map((role) => ({ value: role, text: ROLE_WORDS[role] }))}
          />
        </>
      )}
    </fieldset>
  );
}
