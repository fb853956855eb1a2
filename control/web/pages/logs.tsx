/** `/projects/P/logs`, `/projects/P/services/S/logs` */
import { ServiceName } from "../../../shared/model/service_spec.ts";
import { messageOf, SkerryError } from "../../../shared/errors.ts";
import { ApiError } from "../../../shared/api/problem.ts";
import { plainText } from "../../../ui/client/ansi.ts";
import { createJoiner, type ShownLine } from "../../../ui/client/log_lines.ts";
import { LogsPage } from "../../../ui/pages/logs.tsx";
import type { Page, PageAsked, PageShown } from "../page.ts";

const COUNTS = [200, 1000, 5000];

function countOf(text: string | null): number {
  return COUNTS.find((each) => String(each) === text) ?? 200;
}

async function linesOf(
  { api, query }: PageAsked,
  project: string,
  service: string,
  count: number,
): Promise<ShownLine[]> {
  const wanted = (query.get("q") ?? "").toLowerCase();
  const stream = query.get("stream") ?? "";
  const join = createJoiner();
  const lines: ShownLine[] = [];
  const named = ServiceName.safeParse(service);
  const asked = {
    follow: false,
    tail: count,
    ...(service !== "" && named.success ? { service: named.data } : {}),
  };
  for await (const line of api.logs(project, asked)) {
    const shown = join(line);
    if (shown === null || stream !== "" && shown.stream !== stream) continue;
    if (wanted !== "" && !plainText(shown.text).toLowerCase().includes(wanted)) continue;
    lines.push(shown);
  }
  return lines.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : a.number - b.number)
    .slice(-count);
}

async function shown(asked: PageAsked): Promise<PageShown> {
  const { api, params, query } = asked;
  const project = params["project"] ?? "";
  const service = params["service"] ?? null;
  const services = (await api.services(project)).map(({ name }) => name).sort();
  if (service !== null && !services.some((each) => each === service)) {
    throw new SkerryError("not_found", `there is no service "${service}" in "${project}"`);
  }
  const count = countOf(query.get("n"));
  const chosen = service ?? query.get("service") ?? "";
  let trouble: string | null = null;
  let lines: ShownLine[] = [];
  try {
    lines = await linesOf(asked, project, chosen, count);
  } catch (thrown) {
    if (thrown instanceof ApiError && thrown.status < 500 && thrown.status !== 409) throw thrown;
    trouble = messageOf(thrown);
  }
  return {
    title: `Logs of ${service ?? project}`,
    live: false,
    main: (
      <LogsPage
        project={project}
        service={service}
        services={services}
        lines={lines}
        trouble={trouble}
        asked={{
          text: query.get("q") ?? "",
          service: chosen,
          stream: query.get("stream") ?? "",
          count,
        }}
      />
    ),
  };
}

export const projectLogsPage: Page = { path: "/projects/:project/logs", show: shown };
export const serviceLogsPage: Page = {
  path: "/projects/:project/services/:service/logs",
  show: shown,
};
