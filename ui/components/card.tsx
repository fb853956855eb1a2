/** The parts that a page is made of. */
import type { Child, Markup } from "../markup.ts";

/** Where a page is: its place above it, its name, how it is, and what can be done with it. */
export function PageHeader(
  { title, crumbs, status, lead, actions }: {
    title: string;
    /** From the top down, without the page itself. */
    crumbs?: readonly { readonly text: string; readonly href: string }[];
    status?: Child;
    lead?: Child;
    actions?: Child;
  },
): Markup {
  return (
    <header class="page-header">
      {crumbs !== undefined && crumbs.length > 0 && (
        <nav class="crumbs" aria-label="Place">
          <ol>
            {crumbs.map(({ text, href }) => (
              <li>
                <a href={href}>{text}</a>
              </li>
            ))}
          </ol>
        </nav>
      )}
      <div class="page-title">
        <h1>{title}</h1>
        {status}
        {actions !== undefined && <div class="actions">{actions}</div>}
      </div>
      {lead !== undefined && <p class="lead">{lead}</p>}
    </header>
  );
}

/** A part of a page with a heading. `id` keeps it itself over live changes. */
export function Card(
  { id, title, count, aside, children, flush }: {
    id: string;
    title: string;
    count?: number;
    aside?: Child;
    children: Child;
    /** Its content reaches its edges, as tables do. */
    flush?: boolean;
  },
): Markup {
  return (
    <section class={flush === true ? "card flush" : "card"} id={id} aria-labelledby={`${id}-title`}>
      <div class="card-head">
        <h2 id={`${id}-title`}>
          {title}
          {count !== undefined && <span class="count">{count}</span>}
        </h2>
        {aside !== undefined && <div class="aside">{aside}</div>}
      </div>
      <div class="card-body">{children}</div>
    </section>
  );
}

/** Nothing is there yet, and what to do about it. */
export function Empty({ title, children }: { title: string; children?: Child }): Markup {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children !== undefined && <div class="empty-text">{children}</div>}
    </div>
  );
}

/** Names with their values. */
export function Facts(
  { items }: { items: readonly { readonly term: string; readonly value: Child }[] },
): Markup {
  return (
    <dl class="facts">
      {items.map(({ term, value }) => (
        <div>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Something that a person should know: what is the matter, and what helps. */
export function Notice(
  { tone, title, children, id }: {
    tone: "good" | "busy" | "warn" | "bad";
    title: Child;
    children?: Child;
    id?: string;
  },
): Markup {
  return (
    <div class={`notice ${tone}`} id={id}>
      <p class="notice-title">{title}</p>
      {children !== undefined && <div class="notice-text">{children}</div>}
    </div>
  );
}

/** Pages beside each other that belong to one thing. */
export function Tabs(
  { label, items }: {
    label: string;
    items: readonly { readonly text: string; readonly href: string; readonly here: boolean }[];
  },
): Markup {
  return (
    <nav class="tabs" aria-label={label}>
      <ul>
        {items.map(({ text, href, here }) => (
          <li>
            <a href={href} aria-current={here ? "page" : undefined}>{text}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** A command to type, which the reader's browser may copy. */
export function Command({ children }: { children: string }): Markup {
  return <code class="command" data-copy>{children}</code>;
}
