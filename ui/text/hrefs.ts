/** Addresses of pages. */

const part = encodeURIComponent;

export const projectHref = (project: string): string => `/projects/${part(project)}`;
export const nodeHref = (node: string): string => `/nodes/${part(node)}`;
export const serviceHref = (project: string, service: string): string =>
  `/projects/${part(project)}/services/${part(service)}`;
export const releaseHref = (release: string): string => `/releases/${part(release)}`;
/** The plan of going back to a release. */
export const goBackHref = (project: string, release: string): string =>
  `${projectHref(project)}/change?from=${part(release)}`;
/** The same page with other parameters; those that are null or "" are left out. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | null | undefined>>,
): string {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") made.set(name, value);
  }
  const text = made.toString();
  return text === "" ? path : `${path}?${text}`;
}
