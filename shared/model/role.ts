/** Roles, and where an account or a token has them. Pure. */
import { z } from "zod";
import { ProjectName } from "./service_spec.ts";

/** Each may what the one before it may. */
export const ROLES = ["viewer", "operator", "admin"] as const;
export const Role = z.enum(ROLES);
export type Role = z.infer<typeof Role>;

export const Grant = z.strictObject({
  role: Role,
  /** Null: in every project, and for what belongs to none. */
  project: ProjectName.nullable(),
});
export type Grant = z.infer<typeof Grant>;

/** Does a role include another one? */
export function covers(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** What both allow: of an account and of a token that it made. One grant a project, sorted. */
export function intersection(one: readonly Grant[], other: readonly Grant[]): Grant[] {
  return tidy(one.flatMap((a) =>
    other.flatMap((b): Grant[] => {
      if (a.project !== null && b.project !== null && a.project !== b.project) return [];
      return [{ role: covers(a.role, b.role) ? b.role : a.role, project: a.project ?? b.project }];
    })
  ));
}

/** One grant a project, the highest, sorted; those that a global one includes go. */
export function tidy(grants: readonly Grant[]): Grant[] {
  const highest = new Map<Grant["project"], Role>();
  for (const { role, project } of grants) {
    const known = highest.get(project);
    if (known === undefined || covers(role, known)) highest.set(project, role);
  }
  const everywhere = highest.get(null);
  return [...highest].map(([project, role]) => ({ role, project }))
    .filter(({ role, project }) =>
      project === null || everywhere === undefined || !covers(everywhere, role)
    )
    .sort((a, b) => {
      const [one, two] = [a.project ?? "", b.project ?? ""];
      return one < two ? -1 : one > two ? 1 : 0;
    });
}

/** Do the grants hold at least this role in a project, or (null) everywhere? */
export function holds(grants: readonly Grant[], least: Role, project: string | null): boolean {
  return grants.some((grant) =>
    covers(grant.role, least) && (grant.project === null || grant.project === project)
  );
}
