/** What was thrown, as pages tell it. */
import { ApiError } from "../../shared/api/problem.ts";
import { SkerryError } from "../../shared/errors.ts";
import type { Fault } from "../../ui/components/faults.tsx";

/** Each single fault of what an API refused; null: it was something else. */
export function faultsOf(thrown: unknown): Fault[] | null {
  if (thrown instanceof ApiError) {
    if (thrown.status === 401 || thrown.status === 403 || thrown.status === 404) return null;
    const { detail, remedy, errors = [] } = thrown.problem;
    if (errors.length === 0) return [{ message: detail, remedy }];
    return errors.map((each) => ({ message: each.detail, remedy: each.remedy }));
  }
  if (!(thrown instanceof SkerryError)) return null;
  return [{ message: thrown.message, remedy: thrown.remedy }];
}

/** What a form says of an error; rethrows what is nobody's fault who sent it. */
export function formError(thrown: unknown): string {
  const faults = faultsOf(thrown);
  if (faults === null) throw thrown;
  return faults.map(({ message, remedy }) => {
    const first = `${message.slice(0, 1).toUpperCase()}${message.slice(1)}`.replace(/\.?$/, ".");
    return remedy === null ? first : `${first} ${remedy.replace(/\.?$/, ".")}`;
  }).join(" ");
}

/** Did somebody else release the project in the meantime? */
export function isStale(thrown: unknown): boolean {
  return thrown instanceof ApiError &&
    (thrown.problem.code === "stale_parent" ||
      thrown.problem.errors?.some(({ code }) => code === "stale_parent") === true);
}
