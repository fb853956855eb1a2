/** The document around every page: head, navigation, and where the page itself stands. */
import { raw } from "hono/html";
import type { Markup } from "../markup.ts";
import type { Viewer } from "../viewer.ts";
import { NAVIGATION, navigationOf } from "./navigation.ts";

/** What the reader chose; `auto` follows the system. */
export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

/** Something that was just done, told once. */
export interface FlashMessage {
  readonly kind: "done" | "failed";
  readonly text: string;
}

export interface DocumentProps {
  readonly title: string;
  /** Path and query of the page. */
  readonly address: string;
  readonly viewer: Viewer;
  readonly theme: Theme;
  readonly flash: FlashMessage | null;
  /** Addresses of what the page loads, by the asset's name. */
  readonly asset: (name: string) => string;
  /** Client modules beside the one of every page. */
  readonly scripts: readonly string[];
  /** Style sheets beside the one of every page. */
  readonly styles: readonly string[];
  /** Without navigation: for those who are not logged in. */
  readonly bare: boolean;
}

/** Where {@link Main} stands in the document, which is rendered without it. */
export const MAIN_PLACE = "<!--main-->";

function ThemeForm({ theme, address }: { theme: Theme; address: string }): Markup {
  return (
    <form class="theme" method="post" action="/theme" data-theme-form>
      <input type="hidden" name="back" value={address} />
      <fieldset>
        <legend class="unseen">Colours</legend>
        {THEMES.map((each) => (
          <button
            type="submit"
            name="theme"
            value={each}
            aria-pressed={each === theme ? "true" : "false"}
          >
            {each === "auto" ? "Auto" : each === "light" ? "Light" : "Dark"}
          </button>
        ))}
      </fieldset>
    </form>
  );
}

function Person({ viewer }: { viewer: Viewer }): Markup | null {
  if (viewer.name === null) return null;
  return (
    <div class="person">
      {viewer.session ? <a href="/account">{viewer.name}</a> : <span>{viewer.name}</span>}
      {viewer.session && (
        <form method="post" action="/logout">
          <button class="link" type="submit">Log out</button>
        </form>
      )}
    </div>
  );
}

/** The mark: a rock above water. */
function Brand(): Markup {
  return (
    <a class="brand" href="/">
      <svg viewBox="0 0 24 24" width="22" height="22" aria-hidden="true">
        <path d="M4 15 9 6l4 5 2-3 5 7z" />
        <path
          class="water"
          d="M2 19c2 0 2-1.4 4-1.4S8 19 10 19s2-1.4 4-1.4 2 1.4 4 1.4 2-1.4 4-1.4"
        />
      </svg>
      Skerry
    </a>
  );
}

function Side(props: DocumentProps): Markup {
  const here = navigationOf(new URL(props.address, "http://page").pathname);
  return (
    <header class="side">
      <div class="side-top">
        <Brand />
        <button class="menu-button" type="button" popovertarget="navigation">Menu</button>
      </div>
      <div class="side-panel" id="navigation" popover="auto">
        <nav aria-label="Main">
          {NAVIGATION.map(({ title, items }) => (
            <div class="nav-group">
              {title !== null && <p class="nav-title">{title}</p>}
              <ul>
                {items.map(({ text, href }) => (
                  <li>
                    <a href={href} aria-current={href === here ? "page" : undefined}>{text}</a>
                  </li>
                ))}
              </ul>
            </div>
          ))}
        </nav>
        <div class="side-end">
          <Person viewer={props.viewer} />
          <ThemeForm theme={props.theme} address={props.address} />
        </div>
      </div>
    </header>
  );
}

/**
 * What a page is about; it alone is rendered again by live changes.
 * @param live hash of `html`, which is rendered again when something changes; null: it stays as it is
 * @param html markup that was rendered already
 */
export function Main({ live, html }: { live: string | null; html: string }): Markup {
  return <main id="main" tabindex={-1} data-live={live ?? undefined}>{raw(html)}</main>;
}

/** The whole document but for its main part. */
export function Document(props: DocumentProps): Markup {
  const { asset, flash, theme, bare } = props;
  return (
    <html lang="en" data-theme={theme === "auto" ? undefined : theme}>
      <head>
        <meta charset="utf-8" />
        <title>{`${props.title} · Skerry`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href={asset("icon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={asset("skerry.css")} />
        {props.styles.map((name) => <link rel="stylesheet" href={asset(name)} />)}
        {/* Browsers fetch modules after style sheets where nobody asks for more. */}
        {["page.ts", ...props.scripts].map((name) => (
          <script type="module" src={asset(name)} fetchpriority="high"></script>
        ))}
        {/* Nothing below is there before the styles are: a pointer that moves would have it laid out without them. */}
        <script src={asset("styled.js")}></script>
      </head>
      <body class={bare ? "bare" : undefined}>
        <a class="skip" href="#main">Skip to content</a>
        {bare
          ? (
            <header class="bare-top">
              <Brand />
            </header>
          )
          : <Side {...props} />}
        <div class="stage">
          {flash !== null && <p class={`flash ${flash.kind}`} role="status">{flash.text}</p>}
          {raw(MAIN_PLACE)}
        </div>
        <p class="connection" id="connection" role="status"></p>
      </body>
    </html>
  );
}
