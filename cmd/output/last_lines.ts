/** The last lines that a service in trouble wrote, for people who are told that it is in trouble. */
import type { ApiClient } from "../../shared/api/client.ts";
import type { ServiceName } from "../../shared/model/service_spec.ts";
import { createLineJoiner, terminalText } from "../commands/logs.ts";

/** Lines of each container. */
const LINES = 10;
const WITHIN_MS = 5_000;

/** Lines, or none where it wrote nothing or they cannot be had: this is a help, not an answer. */
export async function lastLines(
  api: Pick<ApiClient, "logs">,
  project: string,
  service: ServiceName,
  run?: number,
): Promise<string[]> {
  const lines: string[] = [];
  const join = createLineJoiner();
  try {
    const query = {
      service,
      tail: LINES,
      follow: false,
      ...(run === undefined ? {} : { run }),
    };
    for await (const record of api.logs(project, query, AbortSignal.timeout(WITHIN_MS))) {
      const line = join(record);
      if (line !== null) lines.push(terminalText(line.text));
    }
  } catch {
    return [];
  }
  return lines.slice(-LINES);
}
