// deno-lint-ignore-file no-console
/** Asks a control plane for the plan of one compose file, cold and once it has planned some, and says what that took. */
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { createHarness } from "../../../control/testing/harness.ts";
import { readCompose } from "../../../shared/compose/mod.ts";

const [path = ""] = Deno.args;
const text = await Deno.readTextFile(path);
const result = readCompose({
  files: [{ path, text }],
  projectDirectory: "/project",
  environment: {},
  profiles: ["*"],
  projectName: "p",
  readFile: () => ({ kind: "missing" }),
});
if (result.kind !== "ok") throw new Error(result.problems[0]?.message);
const { model } = result;
await using harness = await createHarness({
  settings: { containerRange: "10.208.0.0/16" },
  database: "control.db",
});
{
  // A node is given a /24: fewer addresses than there are services here.
  using database = new DatabaseSync(`${harness.folder}/control.db`);
  database.exec("UPDATE node SET container_subnet = '10.208.0.0/16'");
}
/** Processor time of all threads, in milliseconds. */
async function planOnce(): Promise<number> {
  const before = process.cpuUsage();
  const plan = await harness.api.plan(model.name, {
    parts: { compose: { model, files: {}, builds: {}, sourceFolder: "/project" } },
    secretValues: {},
  });
  const { user, system } = process.cpuUsage(before);
  if (plan.services.length !== Object.keys(model.services).length) {
    throw new Error("not a whole plan");
  }
  return (user + system) / 1000;
}

const coldMs = await planOnce();
// A control plane lives for months: what it plans then is planned by code that ran before.
let warmMs = 0;
for (let plans = 0; plans < 5; plans++) warmMs = await planOnce();
console.log(`plan ${coldMs.toFixed(1)} ms, its sixth ${warmMs.toFixed(1)} ms`);
