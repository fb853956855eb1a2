/** What is refused for now. */
import { SkerryError } from "../shared/errors.ts";

/** It may be tried again after `retryAfterSeconds`, which the answer says. */
export class RetryLater extends SkerryError {
  override readonly name: string = "RetryLater";
  constructor(
    code: string,
    message: string,
    remedy: string,
    readonly retryAfterSeconds: number,
  ) {
    super(code, message, remedy);
  }
}
