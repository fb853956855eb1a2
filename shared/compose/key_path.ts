/**
 * Where in a compose file a key stands, as a pattern in which names of the user's own are `*`:
 * `services.*.ports`. Merge rules and the tables of keys are written with it.
 */
const NAMED_BY_USER: ReadonlySet<string> = new Set([
  "services",
  "networks",
  "volumes",
  "secrets",
  "configs",
  "services.*.depends_on",
  "services.*.networks",
  "services.*.ulimits",
]);

/** The pattern of a key below another one; the top is "". */
export function childPath(path: string, key: string): string {
  if (path === "") return key;
  return `${path}.${NAMED_BY_USER.has(path) ? "*" : key}`;
}
