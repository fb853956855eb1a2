/** `tmpfs` of a service: paths with mount options, `/run:size=64m,mode=1777`. */
import { sizeBytes } from "./bytes.ts";
import type { Read } from "./fields.ts";
import { containerPath } from "./paths.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import { describeNode } from "./scalars.ts";

export interface TmpfsOptions {
  readonly target: string;
  readonly sizeBytes: number | null;
  readonly mode: number | null;
  /** Such as `noexec` and `uid=1000`. */
  readonly others: readonly string[];
}

const OPTION = /^(rw|ro|(no)?exec|(no)?suid|(no)?dev|(no|rel|strict)?atime|(uid|gid)=\d{1,10})$/;

/** What an entry means; null: it is none. Pure text, also read again where it is carried out. */
export function parseTmpfs(text: string): TmpfsOptions | null {
  const cut = text.indexOf(":");
  const target = containerPath(cut < 0 ? text : text.slice(0, cut));
  if (target === null || target === "/") return null;
  let size: number | null = null;
  let mode: number | null = null;
  const others: string[] = [];
  for (const option of cut < 0 ? [] : text.slice(cut + 1).split(",")) {
    const [name = "", value = ""] = option.split("=");
    if (name === "size" && value !== "") {
      const bytes = sizeBytes(value);
      if (bytes === null) return null;
      size = Number(bytes);
    } else if (name === "mode" && /^0?[0-7]{3,4}$/.test(value)) mode = parseInt(value, 8);
    else if (OPTION.test(option)) others.push(option);
    else return null;
  }
  return { target, sizeBytes: size === 0 ? null : size, mode, others };
}

/** The entries as written, each of which {@link parseTmpfs} reads. */
export function readTmpfs(reading: Reading): Read<string[]> {
  return (node, label) => {
    const found: string[] = [];
    const lines = new Map<string, number>();
    for (const item of node.kind === "list" ? node.items : [node]) {
      const text = item.kind === "scalar" && typeof item.value === "string" ? item.value : null;
      const options = text === null ? null : parseTmpfs(text);
      if (text !== null && options !== null) {
        const before = lines.get(options.target);
        lines.set(options.target, before ?? item.at.line);
        if (before === undefined) found.push(text);
        else if (!found.includes(text)) {
          reading.problems.report(
            item.at,
            "mount",
            `two of the "${label}" lie at ${quoted(options.target)} (first in line ${before})`,
            "keep one of them",
          );
        }
        continue;
      }
      reading.problems.report(
        item.at,
        "mount",
        `${describeNode(item)} cannot be "${label}"`,
        'write a path, with options if need be: "/run:size=64m,mode=1777,noexec"',
      );
    }
    return found;
  };
}
