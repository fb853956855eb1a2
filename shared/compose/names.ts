/** Names: of projects, as Compose normalises them, and of services, networks, volumes and the like. */
import { type Place, type Problems, quoted } from "./problem.ts";

const MAX_NAME = 63;

/** Lower case, letters, digits, `-` and `_` only, beginning with a letter or digit; may be empty. */
export function normaliseProjectName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9_-]/g, "").replace(/^[_-]+/, "");
}

/** Why a name cannot be used, in words; null: it can. */
export function nameFault(name: string): string | null {
  if (name === "") return "it is empty";
  if (name.length > MAX_NAME) {
    return `it has ${name.length} characters, at most ${MAX_NAME} are allowed`;
  }
  if (name.includes("..")) return 'it contains ".."';
  const odd = /[^a-zA-Z0-9._-]/u.exec(name)?.[0];
  if (odd !== undefined) return `it contains ${JSON.stringify(odd)}`;
  return /^[a-zA-Z0-9]/.test(name) ? null : `it begins with "${name[0]}"`;
}

/** Reports a name that cannot be used; true where it can. `what` is "service", "volume", … */
export function checkName(what: string, name: string, at: Place, problems: Problems): boolean {
  const fault = nameFault(name);
  if (fault === null) return true;
  problems.report(
    at,
    "name",
    `${quoted(name)} cannot be the name of a ${what}: ${fault}`,
    `write letters, digits, "-", "_" and single dots, at most ${MAX_NAME}, a letter or digit first`,
  );
  return false;
}

export interface NameSources {
  /** `-p`; null: not given. */
  readonly option: string | null;
  /** COMPOSE_PROJECT_NAME; undefined: not set. */
  readonly variable: string | undefined;
  /** Top-level `name`, interpolated. */
  readonly written: { readonly name: string; readonly at: Place } | null;
  readonly projectDirectory: string;
  /** Where a problem of option, variable or folder is reported. */
  readonly start: Place;
}

/** The project's name by Compose's order; reports one that cannot be used and gives `project` then. */
export function projectName(sources: NameSources, problems: Problems): string {
  const { start } = sources;
  const given = sources.option !== null
    ? { name: sources.option, from: "-p" }
    : sources.variable
    ? { name: sources.variable, from: "COMPOSE_PROJECT_NAME" }
    : null;
  if (given !== null) {
    const normal = normaliseProjectName(given.name);
    if (normal === given.name && normal !== "" && normal.length <= MAX_NAME) return normal;
    problems.report(
      start,
      "project-name",
      `the project name ${quoted(given.name)} of ${given.from} cannot be used`,
      normal === "" || normal.length > MAX_NAME
        ? `write lower-case letters, digits, "-" and "_", at most ${MAX_NAME}`
        : `write "${normal}"`,
    );
    return "project";
  }
  if (sources.written !== null) {
    const normal = normaliseProjectName(sources.written.name);
    if (normal !== "" && normal.length <= MAX_NAME) return normal;
    problems.report(
      sources.written.at,
      "project-name",
      `${quoted(sources.written.name)} cannot be the name of a project`,
      `write lower-case letters, digits, "-" and "_", at most ${MAX_NAME}`,
    );
    return "project";
  }
  const folder = sources.projectDirectory.split("/").filter((part) => part !== "").at(-1) ?? "";
  const normal = normaliseProjectName(folder);
  if (normal !== "" && normal.length <= MAX_NAME) return normal;
  problems.report(
    start,
    "project-name",
    `the folder ${quoted(sources.projectDirectory)} gives no name for the project`,
    "write name: at the top of the file, or pass -p NAME",
  );
  return "project";
}
