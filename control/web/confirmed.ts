/** What destroys something is done with its name typed, and with nothing else. */
import { SkerryError } from "../../shared/errors.ts";
import { CONFIRM_FIELD } from "../../ui/components/danger.tsx";
import type { FormValues } from "./form_values.ts";

/** Error `not_confirmed`. */
export function checkConfirmed(form: FormValues, name: string): void {
  if (form.text(CONFIRM_FIELD).trim() === name) return;
  throw new SkerryError(
    "not_confirmed",
    `what was typed is not "${name}"; nothing was done`,
    "Type the name exactly.",
  );
}
