/**
 * Errors that people read: what was being done, the value in quotes, and what to do. `code` is for
 * programs and stays stable; `remedy` is a sentence in the imperative.
 */
export class SkerryError extends Error {
  override readonly name: string = "SkerryError";
  constructor(
    readonly code: string,
    message: string,
    readonly remedy: string | null = null,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

/** The text of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
