// deno-lint-ignore-file no-console
/** Reads one compose file, once and cold, and says what that took of the processor. */
import process from "node:process";
import { readCompose } from "../../../shared/compose/mod.ts";

const [path = ""] = Deno.args;
const text = await Deno.readTextFile(path);
const before = process.cpuUsage();
const result = readCompose({
  files: [{ path, text }],
  projectDirectory: "/project",
  environment: {},
  profiles: ["*"],
  projectName: "p",
  readFile: () => ({ kind: "missing" }),
});
const { user, system } = process.cpuUsage(before);
if (result.kind !== "ok") throw new Error(result.problems[0]?.message);
console.log(`read ${((user + system) / 1000).toFixed(1)} ms`);
