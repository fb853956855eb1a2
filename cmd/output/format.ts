/** One answer in the form that was asked for: a table for people, JSON or YAML for programs. */
import { stringify } from "yaml";
import { z } from "zod";

export const OutputFormat = z.enum(["table", "json", "yaml"]);
export type OutputFormat = z.infer<typeof OutputFormat>;

/** JSON or YAML text of a value, with its newline. */
export function machineText(format: "json" | "yaml", value: unknown): string {
  return format === "json" ? JSON.stringify(value, null, 2) + "\n" : stringify(value);
}
