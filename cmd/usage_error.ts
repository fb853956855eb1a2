import { SkerryError } from "../shared/errors.ts";

/** The command was written wrongly: exit code 2. */
export class UsageError extends SkerryError {
  override readonly name = "UsageError";
  constructor(message: string, remedy: string | null = null) {
    super("usage", message, remedy);
  }
}
