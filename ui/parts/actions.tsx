/** What may be done with a project, a service, a volume, a secret: links and buttons for who may. */
import type { JobView, SecretView, VolumeView } from "../../shared/api/views.ts";
import { Button, LinkButton } from "../components/form.tsx";
import type { Markup } from "../markup.ts";
import { projectHref, withQuery } from "../text/hrefs.ts";

/** `operator`: the viewer may change it. */
export function ProjectActions(
  { project, operator, deleted }: { project: string; operator: boolean; deleted: boolean },
): Markup {
  const at = projectHref(project);
  return (
    <>
      <LinkButton href={`${at}/logs`}>Logs</LinkButton>
      {operator && !deleted && <LinkButton href={`${at}/change`}>Change</LinkButton>}
      {operator && <LinkButton href={`${at}/delete`}>Remove</LinkButton>}
    </>
  );
}

/** `job` null: it is none that is run by itself. */
export function ServiceActions(
  { project, service, operator, job }: {
    project: string;
    service: string;
    operator: boolean;
    job: JobView | null;
  },
): Markup | null {
  if (!operator) return null;
  const at = `${projectHref(project)}/jobs/${encodeURIComponent(service)}`;
  const suspended = job?.suspended === "person";
  return (
    <>
      {job !== null && (
        <form method="post" action={`${at}/run`}>
          <Button>Run now</Button>
        </form>
      )}
      {job !== null && job.schedule !== null && job.suspended !== "file" && (
        <form method="post" action={`${at}/${suspended ? "resume" : "suspend"}`}>
          <Button>{suspended ? "Resume" : "Suspend"}</Button>
        </form>
      )}
      {job?.schedule == null && (
        <LinkButton
          href={withQuery(`${projectHref(project)}/change`, { service, restart: "yes" })}
        >
          Restart
        </LinkButton>
      )}
      <LinkButton
        href={withQuery(`${projectHref(project)}/change`, { service })}
      >
        Change
      </LinkButton>
    </>
  );
}

/** The way to remove a volume that nobody mounts. */
export function VolumeAction({ volume }: { volume: VolumeView }): Markup {
  if (volume.services.length > 0) return <span class="muted">in use</span>;
  const { project, name } = volume;
  return <a href={withQuery("/volumes/delete", { project, volume: name })}>Remove</a>;
}

/** The way to remove a secret that nobody uses. */
export function SecretAction({ secret }: { secret: SecretView }): Markup {
  if (secret.usedBy.length > 0) return <span class="muted">in use</span>;
  const { project, name } = secret;
  return <a href={withQuery("/secrets/delete", { project, secret: name })}>Remove</a>;
}
