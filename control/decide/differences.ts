/** What of a service differs, in words for people; values of variables and secrets are never shown. */
import type { FieldChange } from "../../shared/api/release.ts";
import { canonicalJson } from "../../shared/model/hash.ts";
import type { Mount, ServiceSpec } from "../../shared/model/service_spec.ts";
import type { PinRow, StoredRoute } from "../store/services.ts";
import { ownValue } from "../../shared/own_value.ts";
import { specWords } from "./spec_words.ts";

/** One side of a comparison. */
export interface Side {
  readonly spec: ServiceSpec;
  readonly pin: PinRow | undefined;
  readonly environment: Readonly<Record<string, string>>;
}

/** Longest value that a plan prints. */
const MAX_TEXT = 200;

function text(plain: string): string {
  return plain.length > MAX_TEXT ? `${plain.slice(0, MAX_TEXT)}…` : plain;
}

function mountText(mount: Mount, volumeName: (id: string) => string): string {
  const mode = "readOnly" in mount && mount.readOnly ? ":ro" : "";
  switch (mount.kind) {
    case "volume":
      return `volume ${volumeName(mount.volume)}:${mount.target}${mode}` +
        (mount.noCopy === true ? " (nocopy)" : "") + (mount.noExec === true ? " (noexec)" : "");
    case "bind":
      return `bind ${mount.source}:${mount.target}${mode}`;
    case "tmpfs":
      return `tmpfs ${mount.target}`;
    case "file":
      return `file ${mount.target} (${mount.sha256.slice(0, 12)})`;
    case "folder":
      return `folder ${mount.target} (${mount.entries.length} files)`;
  }
}

/** An image with as much of its digest as tells it apart. */
export function imageText(reference: string, pin: PinRow | undefined): string {
  const known = pin?.digest ?? (pin?.imageId === null ? undefined : pin?.imageId);
  return known === undefined ? reference : `${reference} (${known.slice(0, 19)})`;
}

/** What a variable is called in a plan: `environment.A`, or where a hook has it `post_start[0].environment.A`. */
export function variableField(name: string): string {
  const [, hook, index, own] = /^=([a-z_]+)\.(\d+)\.(.+)$/s.exec(name) ?? [];
  return own === undefined ? `environment.${name}` : `${hook}[${index}].environment.${own}`;
}

/** What a spec wants, as the compose file calls it, by name. */
function wholeFields(
  side: Side,
  volumeName: (id: string) => string,
): Map<string, string> {
  const { spec } = side;
  const shown = new Map<string, string>();
  shown.set("image", imageText(spec.image.reference, side.pin));
  for (const name of spec.environment.names) shown.set(variableField(name), "(set)");
  for (const mount of spec.mounts) {
    shown.set(`mount ${mount.target}`, mountText(mount, volumeName));
  }
  for (const secret of spec.secrets) {
    const kind = secret.config === true ? "config" : "secret";
    shown.set(`${kind} ${secret.name}`, `${secret.target} (version …${secret.version.slice(-6)})`);
  }
  for (const [key, words] of specWords(spec)) shown.set(key, words);
  return shown;
}

/** What a spec wants, as the compose file calls it: by name, as long as is shown of it. */
export function describeSpec(
  side: Side,
  volumeName: (id: string) => string,
): ReadonlyMap<string, string> {
  return new Map([...wholeFields(side, volumeName)].map(([name, whole]) => [name, text(whole)]));
}

/** What differs and is not shown as a field: the mode of a tmpfs, a folder's files. */
function unshown(old: ServiceSpec, now: ServiceSpec): FieldChange[] {
  const { image: _old, environment: _values, ...before } = old;
  const { image: _now, environment: _others, ...after } = now;
  const had = new Map<string, unknown>(Object.entries(before));
  const has = new Map<string, unknown>(Object.entries(after));
  const textOf = (value: unknown) => value === undefined ? "" : canonicalJson(value);
  return [...new Set([...had.keys(), ...has.keys()])].sort()
    .filter((key) => textOf(had.get(key)) !== textOf(has.get(key)))
    .map((field) => ({ field, old: "(one content)", new: "(other content)" }));
}

/** The fields in which two specs differ, sorted. */
export function differences(
  old: Side,
  now: Side,
  volumeName: (id: string) => string,
): FieldChange[] {
  const before = wholeFields(old, volumeName);
  const after = wholeFields(now, volumeName);
  const variables = new Map(now.spec.environment.names.map((each) => [variableField(each), each]));
  const changes: FieldChange[] = [];
  for (const field of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const one = before.get(field) ?? null;
    const other = after.get(field) ?? null;
    if (one !== other) {
      const [was, is] = [one === null ? null : text(one), other === null ? null : text(other)];
      changes.push({ field, old: was, new: was === is ? `${is} (differs further on)` : is });
      continue;
    }
    const variable = variables.get(field);
    if (
      variable !== undefined &&
      ownValue(old.environment, variable) !== ownValue(now.environment, variable)
    ) {
      changes.push({ field, old: "(set)", new: "(another value)" });
    }
  }
  return changes.length === 0 ? unshown(old.spec, now.spec) : changes;
}

/** A route as it is printed. */
export function routeText(service: string, route: StoredRoute): string {
  return `${route.host ?? "*"}${route.path} -> ${service}:${route.port}`;
}
