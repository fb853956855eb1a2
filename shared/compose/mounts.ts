/** `volumes` of a service: named volumes, binds and tmpfs, short and long. */
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeMount } from "./model.ts";
import { containerPath, hostPath } from "./paths.ts";
import { type Place, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { Entry, MapNode, Node } from "./tree.ts";

const REMEDY = 'write "VOLUME:/path", "./folder:/path" or "./folder:/path:ro"';

const PROPAGATIONS = ["private", "rprivate", "shared", "rshared", "slave", "rslave"] as const;
type Propagation = typeof PROPAGATIONS[number];

function isPropagation(text: string): text is Propagation {
  return PROPAGATIONS.some((each) => each === text);
}

function targetOf(reading: Reading, at: Place, target: string): string | undefined {
  const path = containerPath(target);
  if (path !== null && path !== "/") return path;
  reading.problems.report(
    at,
    "mount",
    `${quoted(target)} is no path in a container`,
    'write an absolute path below "/"',
  );
  return undefined;
}

function volumeMount(
  reading: Reading,
  service: string,
  at: Place,
  source: string,
  target: string,
): Extract<ComposeMount, { type: "volume" }> {
  reading.references.push({ kind: "volumes", name: source, at, service });
  return { type: "volume", source, target };
}

/** A volume without a name: the service's own, kept as long as the project's named ones. */
function anonymous(
  reading: Reading,
  at: Place,
  target: string,
): Extract<ComposeMount, { type: "volume" }> | undefined {
  const path = containerPath(target);
  if (path === null || path === "/") {
    reading.problems.report(
      at,
      "mount",
      `the volume ${quoted(target)} has no path in the container`,
      `write "${target}:/PATH"`,
    );
    return undefined;
  }
  return { type: "volume", source: "", target: path };
}

function readShort(
  reading: Reading,
  service: string,
  at: Place,
  text: string,
): ComposeMount | undefined {
  const { problems } = reading;
  const parts = text.split(":");
  const [source = "", writtenTarget, options = ""] = parts;
  if (parts.length > 3 || parts.includes("")) {
    problems.report(at, "mount", `${quoted(text)} is no volume`, REMEDY);
    return undefined;
  }
  if (writtenTarget === undefined) return anonymous(reading, at, source);
  const target = targetOf(reading, at, writtenTarget);
  if (target === undefined) return undefined;
  const mount: ComposeMount = /^[./~]/.test(source)
    ? { type: "bind", source: hostPath(reading, source, at), target }
    : volumeMount(reading, service, at, source, target);
  for (const option of options === "" ? [] : options.split(",")) {
    if (option === "ro") mount.read_only = true;
    else if (option === "rw") delete mount.read_only;
    else if (option === "nocopy" && mount.type === "volume") mount.volume = { nocopy: true };
    else if (mount.type === "bind" && isPropagation(option)) {
      mount.bind = { ...mount.bind, propagation: option };
    } else if (option === "z" || option === "Z") {
      problems.note(at, "selinux", `"${option}" changes nothing here: files are not relabelled`);
    } else {
      problems.report(
        at,
        "mount",
        `the option ${quoted(option)} of a volume is not carried out`,
        "write ro, rw, nocopy or none",
      );
    }
  }
  return mount;
}

/** Options of a type that is not this mount's are reported. */
function checkOptions(reading: Reading, fields: ReadonlyMap<string, Entry>, type: string): void {
  for (const key of ["bind", "volume", "tmpfs"]) {
    const entry = fields.get(key);
    if (entry === undefined || key === type) continue;
    if (entry.value.kind === "map" && entry.value.entries.size === 0) continue;
    reading.problems.report(
      entry.keyAt,
      "mount",
      `"${key}" means nothing on a volume of type ${type}`,
      "leave it out, or change the type",
    );
  }
}

function optionsOf(reading: Reading, fields: ReadonlyMap<string, Entry>, key: string) {
  const node = fields.get(key)?.value;
  if (node === undefined) return null;
  if (node.kind === "map") {
    const path = `services.*.volumes[].${key}`;
    return takeFrom(fieldsOf(node, path, reading.problems), reading.problems);
  }
  reading.problems.report(
    node.at,
    "type",
    `"${key}" is to be a mapping, this is ${describeNode(node)}`,
    "write its keys below it",
  );
  return null;
}

/** A file mode: octal as a text, and a number as it is. */
export function readMode(reading: Reading): Read<number> {
  return (node, label) => {
    if (
      node.kind === "scalar" && typeof node.value === "string" &&
      /^0?o?[0-7]{1,4}$/.test(node.value)
    ) {
      return parseInt(node.value.replace("o", ""), 8);
    }
    const mode = reading.scalars.count(node, label);
    if (mode === undefined) return undefined;
    if (mode > 0o7777) {
      reading.problems.report(
        node.at,
        "mode",
        `${describeNode(node)} is no file mode`,
        "write 0644",
      );
      return undefined;
    }
    if (node.kind === "scalar" && /^[1-7][0-7]{2,3}$/.test(node.text)) {
      reading.problems.note(
        node.at,
        "mode",
        `the mode ${node.text} is read as a decimal number, which is 0${mode.toString(8)}`,
        `write 0${node.text}`,
      );
    }
    return mode;
  };
}

function readLong(reading: Reading, service: string, node: MapNode): ComposeMount | undefined {
  const { problems, scalars } = reading;
  const fields = fieldsOf(node, "services.*.volumes[]", problems);
  const take = takeFrom(fields, problems);
  const type = take("type", scalars.oneOf(["volume", "bind", "tmpfs"]));
  const text = take("source", scalars.text);
  const source = text === undefined
    ? null
    : { text, at: fields.get("source")?.value.at ?? node.at };
  const target = take("target", (at, label) => {
    const path = scalars.text(at, label);
    return path === undefined ? undefined : targetOf(reading, at.at, path);
  });
  const readOnly = take("read_only", scalars.boolean) ?? false;
  for (const key of ["type", "target"]) {
    if (!node.entries.has(key)) {
      problems.report(node.at, "missing-key", `this volume has no "${key}"`, `write ${key}`);
    }
  }
  if (type === undefined || target === undefined) return undefined;
  checkOptions(reading, fields, type);
  const mount = longMount(reading, service, node.at, fields, type, source, target);
  if (mount !== undefined && readOnly) mount.read_only = true;
  return mount;
}

function longMount(
  reading: Reading,
  service: string,
  at: Place,
  fields: ReadonlyMap<string, Entry>,
  type: ComposeMount["type"],
  source: { readonly text: string; readonly at: Place } | null,
  target: string,
): ComposeMount | undefined {
  const { scalars, problems } = reading;
  const take = optionsOf(reading, fields, type);
  switch (type) {
    case "volume": {
      const mount = source === null || source.text === ""
        ? anonymous(reading, at, target)
        : volumeMount(reading, service, source.at, source.text, target);
      if (mount === undefined) return undefined;
      take?.("nocopy", scalars.boolean, (nocopy) => {
        if (nocopy) mount.volume = { ...mount.volume, nocopy };
      });
      take?.("subpath", scalars.text, (subpath) => {
        mount.volume = { ...mount.volume, subpath };
        if (subpath.startsWith("/") || subpath.split("/").includes("..")) {
          problems.report(
            at,
            "mount",
            `the subpath ${quoted(subpath)} leaves the volume`,
            "write a path below it",
          );
        }
      });
      return mount;
    }
    case "bind": {
      if (source === null || source.text === "") {
        problems.report(at, "missing-key", 'this bind has no "source"', "write source: ./folder");
        return undefined;
      }
      const mount: ComposeMount = {
        type,
        source: hostPath(reading, source.text, source.at),
        target,
      };
      take?.("create_host_path", scalars.boolean, (create_host_path) => {
        if (!create_host_path) mount.bind = { create_host_path };
      });
      take?.("propagation", scalars.oneOf(PROPAGATIONS), (propagation) => {
        mount.bind = { ...mount.bind, propagation };
      });
      return mount;
    }
    case "tmpfs": {
      if (source !== null) {
        problems.report(source.at, "mount", "a tmpfs has no source", "leave it out");
      }
      const mount: ComposeMount = { type, target };
      take?.("size", scalars.bytes, (size) => mount.tmpfs = { ...mount.tmpfs, size });
      take?.("mode", readMode(reading), (mode) => mount.tmpfs = { ...mount.tmpfs, mode });
      return mount;
    }
  }
}

/** The mounts of a service: of two with one target the later one counts; in one file that is noted. */
export function readMounts(reading: Reading, service: string): Read<ComposeMount[]> {
  const { problems } = reading;
  return (node, label) => {
    if (node.kind !== "list") {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a list, this is ${describeNode(node)}`,
        "write a list: - NAME:/path",
      );
      return undefined;
    }
    const found = new Map<string, { mount: ComposeMount; at: Place }>();
    for (const item of node.items) {
      const mount = readItem(reading, service, item);
      if (mount === undefined) continue;
      const before = found.get(mount.target);
      if (before !== undefined && before.at.file === item.at.file) {
        problems.note(
          item.at,
          "mount",
          `${
            quoted(mount.target)
          } is mounted twice (first in line ${before.at.line}): this one counts`,
          "keep one of them",
        );
      }
      found.set(mount.target, { mount, at: item.at });
    }
    return [...found.values()].map((one) => one.mount);
  };
}

function readItem(reading: Reading, service: string, item: Node): ComposeMount | undefined {
  if (item.kind === "map") return readLong(reading, service, item);
  if (item.kind === "scalar" && typeof item.value === "string") {
    return readShort(reading, service, item.at, item.value);
  }
  reading.problems.report(item.at, "mount", `${describeNode(item)} is no volume`, REMEDY);
  return undefined;
}
