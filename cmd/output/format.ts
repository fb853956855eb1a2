/** One answer in the form that was asked for: a table for people, JSON or YAML for programs. */
import { z } from "zod";

export const OutputFormat = z.enum(["table", "json", "yaml"]);
export type OutputFormat = z.infer<typeof OutputFormat>;

/** JSON or YAML text of a value, with its newline. Few ask for YAML, so it is loaded for them only. */
export async function machineText(format: "json" | "yaml", value: unknown): Promise<string> {
  if (format === "json") return JSON.stringify(value, null, 2) + "\n";
  const { stringify } = await import("yaml");
  return stringify(value);
}
