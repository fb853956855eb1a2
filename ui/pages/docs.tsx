/** `/docs`: the documentation, carried by the program, so that a box without a network has it. */
import { DOC_GROUPS, type DocPage, docTitle, searchDocs } from "../docs/pages.ts";
import { Card, Command, Empty, PageHeader } from "../components/card.tsx";
import type { Markup } from "../markup.ts";
import { headingsOf, Markdown } from "../text/markdown.tsx";

function Search({ query }: { query: string }): Markup {
  return (
    <form class="inline-form" method="get" action="/docs" role="search">
      <div class="field">
        <label for="docs-search">Search the documentation</label>
        <input id="docs-search" name="q" type="search" value={query} />
      </div>
      <button class="button plain" type="submit">Search</button>
    </form>
  );
}

/** Contents, or what a search found. */
export function DocsPage({ query }: { query: string }): Markup {
  const found = searchDocs(query);
  return (
    <>
      <PageHeader
        title="Documentation"
        lead="It is part of the program, and here without a network."
      />
      <section class="card">
        <Search query={query} />
      </section>
      {query.trim() !== ""
        ? (
          <Card id="found" title={`Pages with “${query}”`} count={found.length}>
            {found.length === 0
              ? <Empty title="No page holds all of these words" />
              : (
                <ul class="doc-found">
                  {found.map(({ page, line }) => (
                    <li>
                      <a href={`/docs/${page.name}`}>{docTitle(page)}</a>
                      <p class="muted">{line}</p>
                    </li>
                  ))}
                </ul>
              )}
          </Card>
        )
        : (
          <div class="columns">
            {DOC_GROUPS.map(({ title, pages }) => (
              <Card id={`docs-${title.toLowerCase().replaceAll(" ", "-")}`} title={title}>
                <ul class="doc-list">
                  {pages.map((page) => (
                    <li>
                      <a href={`/docs/${page.name}`}>{docTitle(page)}</a>
                    </li>
                  ))}
                </ul>
              </Card>
            ))}
          </div>
        )}
      <p class="muted">
        In a terminal: <Command>skerry docs</Command>
      </p>
    </>
  );
}

/** One page of it. */
export function DocPageView({ page }: { page: DocPage }): Markup {
  const headings = headingsOf(page.text);
  return (
    <>
      <nav class="crumbs" aria-label="Place">
        <ol>
          <li>
            <a href="/docs">Documentation</a>
          </li>
        </ol>
      </nav>
      <div class="doc-room">
        <section class="card">
          <div class="card-body doc-body">
            <Markdown text={page.text} />
          </div>
        </section>
        {headings.length > 1 && (
          <nav class="doc-contents" aria-label="On this page">
            <ul>
              {headings.map(({ id, text }) => (
                <li>
                  <a href={`#${id}`}>{text}</a>
                </li>
              ))}
            </ul>
          </nav>
        )}
      </div>
    </>
  );
}
