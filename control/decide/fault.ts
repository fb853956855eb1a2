/** Why a release cannot be: all faults at once, each with its way out. */
import { SkerryError } from "../../shared/errors.ts";

export interface Fault {
  readonly code: string;
  readonly detail: string;
  readonly remedy: string | null;
}

/** Thrown by deciding; becomes one problem that lists the faults. */
export class Refused extends SkerryError {
  override readonly name = "Refused";
  constructor(readonly status: 409 | 422, readonly faults: readonly Fault[]) {
    const first = faults[0];
    super(
      first?.code ?? "refused",
      first?.detail ?? "the release cannot be made",
      first?.remedy ?? null,
    );
  }
}
