/** The documentation that the program carries, in the order that it is read. */
import api from "./api.md" with { type: "text" };
import certificates from "./certificates.md" with { type: "text" };
import changeAndUndo from "./change-and-undo.md" with { type: "text" };
import cli from "./cli.md" with { type: "text" };
import compose from "./compose.md" with { type: "text" };
import composeDifferences from "./compose-differences.md" with { type: "text" };
import configuration from "./configuration.md" with { type: "text" };
import doctor from "./doctor.md" with { type: "text" };
import firstHour from "./first-hour.md" with { type: "text" };
import fromAfar from "./from-afar.md" with { type: "text" };
import fromDockerCompose from "./from-docker-compose.md" with { type: "text" };
import fromK3s from "./from-k3s.md" with { type: "text" };
import fromPortainer from "./from-portainer.md" with { type: "text" };
import howItWorks from "./how-it-works.md" with { type: "text" };
import jobs from "./jobs.md" with { type: "text" };
import metrics from "./metrics.md" with { type: "text" };
import notYet from "./not-yet.md" with { type: "text" };
import offline from "./offline.md" with { type: "text" };
import secrets from "./secrets.md" with { type: "text" };
import troubleshooting from "./troubleshooting.md" with { type: "text" };
import users from "./users.md" with { type: "text" };

/** A page by its name: the file's, without `.md`. */
export interface DocPage {
  readonly name: string;
  readonly text: string;
}

export interface DocGroup {
  readonly title: string;
  readonly pages: readonly DocPage[];
}

export const DOC_GROUPS: readonly DocGroup[] = [
  {
    title: "Doing things",
    pages: [
      { name: "first-hour", text: firstHour },
      { name: "change-and-undo", text: changeAndUndo },
      { name: "jobs", text: jobs },
      { name: "secrets", text: secrets },
      { name: "users", text: users },
      { name: "from-afar", text: fromAfar },
      { name: "certificates", text: certificates },
      { name: "offline", text: offline },
      { name: "troubleshooting", text: troubleshooting },
      { name: "doctor", text: doctor },
    ],
  },
  {
    title: "Coming from",
    pages: [
      { name: "from-docker-compose", text: fromDockerCompose },
      { name: "from-portainer", text: fromPortainer },
      { name: "from-k3s", text: fromK3s },
    ],
  },
  {
    title: "Reference",
    pages: [
      { name: "compose", text: compose },
      { name: "compose-differences", text: composeDifferences },
      { name: "metrics", text: metrics },
      { name: "cli", text: cli },
      { name: "configuration", text: configuration },
      { name: "api", text: api },
    ],
  },
  {
    title: "Inside",
    pages: [
      { name: "how-it-works", text: howItWorks },
      { name: "not-yet", text: notYet },
    ],
  },
];

export const DOC_PAGES: readonly DocPage[] = DOC_GROUPS.flatMap(({ pages }) => pages);

/** The first heading. */
export function docTitle({ name, text }: DocPage): string {
  return /^#\s+(.+)$/m.exec(text)?.[1]?.replace(/[`*]/g, "") ?? name;
}

/** Pages that hold all words, with the first line that holds one; those with one in their title first. */
export function searchDocs(query: string): { readonly page: DocPage; readonly line: string }[] {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return [];
  const found = DOC_PAGES.filter(({ text }) => {
    const lower = text.toLowerCase();
    return words.every((word) => lower.includes(word));
  });
  const inTitle = (page: DocPage) =>
    words.some((word) => docTitle(page).toLowerCase().includes(word));
  return found.sort((a, b) => Number(inTitle(b)) - Number(inTitle(a))).map((page) => ({
    page,
    line:
      page.text.split("\n").find((line) =>
        !line.startsWith("#") && words.some((word) => line.toLowerCase().includes(word))
      )?.replace(/[`*|]/g, " ").replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").trim().slice(0, 160) ?? "",
  }));
}
