/** `--watch` of commands that show what there is. */
import { type Command, Option } from "commander";
import { sharedOptions } from "../cli.ts";
import { UsageError } from "../usage_error.ts";

/** `-w, --watch` */
export function watchOption(): Option {
  return new Option("-w, --watch", "go on with what changes; with -o json one document a line");
}

/** The form of what is watched. */
export function watchFormat(command: Command): "table" | "json" {
  const format = sharedOptions(command).output ?? "table";
  if (format !== "yaml") return format;
  throw new UsageError("what is watched is no YAML", "write -o json for one document a line");
}
