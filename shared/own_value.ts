/** What a record holds under a name that a user has chosen. */

/**
 * `record[key]`, of its own: a service or volume may be called "constructor" or "toString", and
 * every object would seem to have one.
 */
export function ownValue<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
