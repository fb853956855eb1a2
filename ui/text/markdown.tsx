/** Markdown as markup. HTML in it is text: nothing of a page's source reaches the browser as it is. */
import { lexer, type Token, type Tokens } from "marked";
import type { Child, Markup } from "../markup.ts";

/** A heading's place on its page, as GitHub makes it. */
export function headingId(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, "").trim().replace(/\s+/g, "-");
}

/** Entities that the lexer leaves in texts. */
function plain(text: string): string {
  return text.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (whole) =>
      ({ "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#39;": "'" })[whole] ?? whole,
  );
}

/** Where a link leads: pages of ours, and https elsewhere; null: nowhere. */
function target(href: string): string | null {
  const own = /^(?:\.\/)?([a-z0-9-]+)\.md(#[\w-]+)?$/.exec(href);
  if (own !== null) return `/docs/${own[1]}${own[2] ?? ""}`;
  if (/^#[\w-]+$/.test(href) || /^https?:\/\//.test(href) || /^\/(?!\/)/.test(href)) return href;
  return null;
}

function inline(tokens: readonly Token[] | undefined): Child[] {
  return (tokens ?? []).map(inlineOne);
}

function inlineOne(token: Token): Child {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token.tokens)}</strong>;
    case "em":
      return <em>{inline(token.tokens)}</em>;
    case "del":
      return <del>{inline(token.tokens)}</del>;
    case "codespan":
      return <code>{plain(token.text)}</code>;
    case "br":
      return <br />;
    case "link": {
      const href = target(String(token.href));
      return href === null
        ? <>{inline(token.tokens)}</>
        : <a href={href}>{inline(token.tokens)}</a>;
    }
    case "text":
    case "escape":
      return token.type === "text" && token.tokens !== undefined
        ? <>{inline(token.tokens)}</>
        : plain(token.text);
    default:
      return token.raw;
  }
}

function isTable(token: Token): token is Tokens.Table {
  return token.type === "table";
}

function isList(token: Token): token is Tokens.List {
  return token.type === "list";
}

function Heading(
  { depth, text, children }: { depth: number; text: string; children: Child },
): Markup {
  const id = headingId(text);
  if (depth <= 1) return <h1 id={id}>{children}</h1>;
  if (depth === 2) return <h2 id={id}>{children}</h2>;
  return depth === 3 ? <h3 id={id}>{children}</h3> : <h4 id={id}>{children}</h4>;
}

function Grid({ table }: { table: Tokens.Table }): Markup {
  return (
    <div class="doc-table" tabindex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            {table.header.map((cell) =>
              // A column without a name has no header.
              cell.text === "" ? <td></td> : <th scope="col">{inline(cell.tokens)}</th>
            )}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => <tr>{row.map((cell) => <td>{inline(cell.tokens)}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}

function block(token: Token): Child {
  if (isTable(token)) return <Grid table={token} />;
  if (isList(token)) {
    const items = token.items.map((item) => <li>{item.tokens.map(block)}</li>);
    return token.ordered ? <ol>{items}</ol> : <ul>{items}</ul>;
  }
  switch (token.type) {
    case "space":
    case "def":
      return "";
    case "heading":
      return (
        <Heading depth={token.depth} text={token.text.replace(/[`*]/g, "")}>
          {inline(token.tokens)}
        </Heading>
      );
    case "paragraph":
      return <p>{inline(token.tokens)}</p>;
    case "text":
      return <>{token.tokens === undefined ? plain(token.text) : inline(token.tokens)}</>;
    case "code":
      return <pre tabindex={0} role="group" aria-label="Example"><code>{token.text}</code></pre>;
    case "blockquote":
      return <blockquote>{(token.tokens ?? []).map(block)}</blockquote>;
    case "hr":
      return <hr />;
    case "html":
      return token.raw.startsWith("<!--") ? "" : token.raw;
    default:
      return token.raw;
  }
}

/** The whole text. */
export function Markdown({ text }: { text: string }): Markup {
  return <div class="doc">{lexer(text).map(block)}</div>;
}

/** The headings of the second level, for contents. */
export function headingsOf(text: string): { readonly id: string; readonly text: string }[] {
  return [...text.matchAll(/^##\s+(.+)$/gm)].map((match) => {
    const words = (match[1] ?? "").replace(/[`*]/g, "");
    return { id: headingId(words), text: words };
  });
}
