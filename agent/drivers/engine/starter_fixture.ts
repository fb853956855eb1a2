/** Run by the tests as a process of its own: ensures an engine from a spec in JSON, prints its state and stays. */
import process from "node:process";
import { createEngine } from "./create_engine.ts";
import type { EngineSpec } from "./engine.ts";

if (import.meta.main) {
  const spec: EngineSpec = JSON.parse(process.argv[2] ?? "");
  const state = await createEngine({ stateFile: spec.stateFile }).ensure(spec);
  await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(state) + "\n"));
  setInterval(() => {}, 1_000);
}
