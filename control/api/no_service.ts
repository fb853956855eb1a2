/** The error of a service that is not there. */
import { SkerryError } from "../../shared/errors.ts";

/** The error of a service that is not there. */
export function noService(project: string, service: string): SkerryError {
  return new SkerryError(
    "not_found",
    `project "${project}" has no service "${service}"`,
    "`skerry get services` lists those that there are.",
  );
}
