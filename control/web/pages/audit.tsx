/** `/audit` */
import type { ApiClient } from "../../../shared/api/client.ts";
import type { ChangeView } from "../../../shared/api/views.ts";
import { AuditPage } from "../../../ui/pages/audit.tsx";
import { withQuery } from "../../../ui/text/hrefs.ts";
import type { Page } from "../page.ts";

const PAGE = 50;
/** So far back the log is searched. */
const SEARCHED = 10_000;
const DAY_MS = 86_400_000;
const PROJECT = /^[a-z0-9][a-z0-9_-]{0,62}$/;

/** The start of a day; null: it is none. */
function dayStart(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const at = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(at) ? null : at;
}

/** The newest of them, the newest first. */
async function searchedChanges(api: ApiClient, project: string | undefined): Promise<ChangeView[]> {
  const found: ChangeView[] = [];
  let after: string | undefined;
  do {
    const page = await api.changePage({ project, after });
    found.push(...page.items);
    after = page.next;
  } while (after !== undefined && found.length < SEARCHED);
  return found;
}

export const auditPage: Page = {
  path: "/audit",
  async show({ api, query }) {
    const of = (name: string) => (query.get(name) ?? "").trim().slice(0, 200);
    const project = PROJECT.test(of("project")) ? of("project") : "";
    const filter = {
      project,
      who: of("who"),
      action: of("action"),
      since: dayStart(of("since")) === null ? "" : of("since"),
      until: dayStart(of("until")) === null ? "" : of("until"),
    };
    const skip = Math.max(0, Math.min(SEARCHED, Math.trunc(Number(of("skip")) || 0)));
    const [all, projects] = await Promise.all([
      searchedChanges(api, project === "" ? undefined : project),
      api.projects(),
    ]);
    const since = dayStart(filter.since) ?? -Infinity;
    const until = (dayStart(filter.until) ?? Infinity) + DAY_MS;
    const who = filter.who.toLowerCase();
    const found = all.filter((each) =>
      each.at >= since && each.at < until && each.who.toLowerCase().includes(who) &&
      (filter.action === "" || each.action === filter.action)
    );
    const at = (from: number) =>
      withQuery("/audit", { ...filter, skip: from > 0 ? `${from}` : "" });
    return {
      title: "Audit log",
      main: (
        <AuditPage
          changes={found.slice(skip, skip + PAGE)}
          filter={filter}
          projects={projects.map((each) => each.name)}
          actions={[...new Set(all.map((each) => each.action))].sort()}
          first={skip > 0 ? at(0) : null}
          next={found.length > skip + PAGE ? at(skip + PAGE) : null}
        />
      ),
    };
  },
};
