/** Recorded answers of compose-go to made files: what serves where Go is not there. */
import { z } from "zod";
import { Answer } from "../../shared/compose/testing/same.ts";

const FILE = new URL("../../shared/compose/testdata/made.json", import.meta.url);

const Recorded = z.array(z.strictObject({ texts: z.array(z.string()), answer: Answer }));
export type Recorded = z.infer<typeof Recorded>;

export function readRecorded(): Recorded {
  return Recorded.parse(JSON.parse(Deno.readTextFileSync(FILE)));
}

/** One case a line, so that a change shows what changed. */
export function writeRecorded(recorded: Recorded): void {
  const lines = recorded.map((one) => JSON.stringify(one));
  Deno.writeTextFileSync(FILE, `[\n${lines.join(",\n")}\n]\n`);
}
