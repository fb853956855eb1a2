/** `/docs`, `/docs/PAGE` */
import { SkerryError } from "../../../shared/errors.ts";
import { DOC_PAGES, docTitle } from "../../../ui/docs/pages.ts";
import { DocPageView, DocsPage } from "../../../ui/pages/docs.tsx";
import type { Page } from "../page.ts";

export const docsPage: Page = {
  path: "/docs",
  show: ({ query }) =>
    Promise.resolve({
      title: "Documentation",
      live: false,
      main: <DocsPage query={(query.get("q") ?? "").slice(0, 200)} />,
    }),
};

export const docPage: Page = {
  path: "/docs/:page",
  async show({ params }) {
    const page = DOC_PAGES.find(({ name }) => name === params["page"]);
    if (page === undefined) {
      throw new SkerryError("not_found", "the documentation has no such page");
    }
    return { title: docTitle(page), live: false, main: <DocPageView page={page} /> };
  },
};
