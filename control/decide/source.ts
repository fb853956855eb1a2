/** Whether what is applied is the project that it is sent as. Pure. */
import type { Warning } from "../../shared/api/release.ts";
import type { Fault } from "./fault.ts";
import type { Situation } from "./situation.ts";

/** A model that was sent under the name of another project. */
export function misnamed({ part, projectName }: Situation): Fault[] {
  if (part === null || part.model.name === projectName) return [];
  return [{
    code: "name_mismatch",
    detail: `the model is of the project "${part.model.name}", the request of "${projectName}"`,
    remedy: "Send the model under its own name.",
  }];
}

/** A project that was applied from another folder before: these may be two of one name. */
export function movedSource({ part, projectName, newest }: Situation): Warning[] {
  const before = newest?.sourceFolder ?? null;
  if (part === null || before === null || before === part.sourceFolder) return [];
  return [{
    code: "another_folder",
    message: `the project "${projectName}" was last applied from "${before}", ` +
      `now from "${part.sourceFolder}"`,
    remedy: "Where these are two projects, name one of them with -p NAME.",
  }];
}
