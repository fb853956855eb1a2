/** `label_file` of a service: files of `NAME=value` lines, over which its `labels` go. */
import { parseDotenv } from "./dotenv.ts";
import { isUsableText } from "./file_text.ts";
import { hostPath } from "./paths.ts";
import { quoted } from "./problem.ts";
import type { Reading } from "./reading.ts";
import type { Node } from "./tree.ts";

const REMEDY = "name a file of NAME=value lines that may be read";

/** The labels of the files in their order: a later one goes over those before. */
export function readLabelFiles(reading: Reading, node: Node | undefined): Map<string, string> {
  const { problems, scalars } = reading;
  const labels = new Map<string, string>();
  const items = node === undefined ? [] : node.kind === "list" ? node.items : [node];
  for (const item of items) {
    const text = scalars.text(item, "label_file");
    if (text === undefined) continue;
    const path = hostPath(reading, text, item.at);
    const file = reading.readFile(path);
    if (file.kind !== "text") {
      const why = file.kind === "missing" ? "does not exist" : `cannot be read: ${file.reason}`;
      problems.report(item.at, "label-file", `the label_file ${quoted(path)} ${why}`, REMEDY);
      continue;
    }
    if (!isUsableText(path, file.text, problems)) continue;
    const found = parseDotenv(
      path,
      file.text,
      (name) => reading.lookup(name),
      problems,
      (name) => labels.get(name),
    );
    for (const [name, value] of found) if (name !== "__proto__") labels.set(name, value);
  }
  return labels;
}
