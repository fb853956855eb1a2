/** `secrets` and `configs` of a service: files that appear in the container. */
import { fieldsOf, type Read, takeFrom } from "./fields.ts";
import type { ComposeFileUse } from "./model.ts";
import { readMode } from "./mounts.ts";
import { containerPath } from "./paths.ts";
import { type Place, quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";
import type { Node } from "./tree.ts";

const FOLDERS = { secrets: "/run/secrets", configs: "" } as const;

type Kind = keyof typeof FOLDERS;

function readUse(
  reading: Reading,
  service: string,
  kind: Kind,
  node: Node,
): ComposeFileUse | undefined {
  const { problems, scalars } = reading;
  const folder = FOLDERS[kind];
  const use: ComposeFileUse = { source: "", target: "" };
  let at = node.at;
  let written: string | undefined;
  if (node.kind === "map") {
    const take = takeFrom(fieldsOf(node, `services.*.${kind}[]`, problems), problems);
    const id = scalars.matching(/^\d{1,10}$/, 'write the number in quotes, such as "1000"');
    take("source", scalars.text, (value) => {
      use.source = value;
      at = node.entries.get("source")?.value.at ?? at;
    });
    written = take("target", scalars.text);
    take("uid", id, (value) => use.uid = value);
    take("gid", id, (value) => use.gid = value);
    take("mode", readMode(reading), (value) => use.mode = `0${value.toString(8)}`);
    if (!node.entries.has("source")) {
      problems.report(node.at, "missing-key", 'this entry has no "source"', "write source: NAME");
    }
  } else {
    use.source = scalars.text(node, kind) ?? "";
  }
  if (use.source === "") {
    problems.report(at, "missing-key", `this entry of ${kind} names nothing`, "write its name");
    return undefined;
  }
  written ??= use.source;
  const path = containerPath(written.startsWith("/") ? written : `${folder}/${written}`);
  if (path === null || written.split("/").includes("..")) {
    problems.report(at, "mount", `${quoted(written)} is no path of a file`, "write target: /path");
    return undefined;
  }
  use.target = path;
  reading.references.push({ kind, name: use.source, at, service });
  return use;
}

/** The files of a kind that a service uses; two at one path are a fault within a file. */
export function readFileUses(
  reading: Reading,
  service: string,
  kind: Kind,
): Read<ComposeFileUse[]> {
  const { problems } = reading;
  return (node, label) => {
    if (node.kind !== "list") {
      problems.report(
        node.at,
        "type",
        `"${label}" is to be a list, this is ${describeNode(node)}`,
        "write a list: - NAME",
      );
      return undefined;
    }
    const found = new Map<string, { use: ComposeFileUse; at: Place }>();
    for (const item of node.items) {
      const use = readUse(reading, service, kind, item);
      if (use === undefined) continue;
      const before = found.get(use.target);
      if (before !== undefined && before.at.file === item.at.file) {
        problems.report(
          item.at,
          "mount",
          `two of the ${kind} lie at ${quoted(use.target)} (first in line ${before.at.line})`,
          "give one of them another target",
        );
      }
      found.set(use.target, { use, at: item.at });
    }
    return [...found.values()].map((one) => one.use);
  };
}
