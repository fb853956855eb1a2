/** A page as an answer. */
import { Document, Main, MAIN_PLACE } from "../../ui/layout/document.tsx";
import type { Child } from "../../ui/markup.ts";
import type { Viewer } from "../../ui/viewer.ts";
import type { Assets } from "./assets.ts";
import { partedResponse, textResponse } from "./compress.ts";
import { flashCookie, flashOf, themeOf } from "./cookies.ts";
import { pageHeaders } from "./headers.ts";
import { hashOf } from "./live.ts";
import { addressOf } from "./match.ts";
import type { PageShown } from "./page.ts";

/** The inside of `<main>`. */
export async function mainText(main: Child): Promise<string> {
  return String(await <>{main}</>);
}

/** Who asks for a page, and what it loads. */
export interface PageFrame {
  readonly request: Request;
  readonly viewer: Viewer;
  readonly assets: Assets;
}

/** What stands before and after the main part. */
async function frameText(
  { request, viewer, assets }: PageFrame,
  { title, scripts, styles, bare }: Omit<PageShown, "main">,
): Promise<readonly [before: string, after: string]> {
  const text = String(
    await (
      <Document
        title={title}
        address={addressOf(new URL(request.url))}
        viewer={viewer}
        theme={themeOf(request)}
        flash={flashOf(request)}
        asset={assets.address}
        scripts={scripts ?? []}
        styles={styles ?? []}
        bare={bare === true || viewer.name === null}
      />
    ),
  );
  const at = text.indexOf(MAIN_PLACE);
  return [`<!doctype html>${text.slice(0, at)}`, text.slice(at + MAIN_PLACE.length)];
}

async function mainElement(viewer: Viewer, live: boolean, html: string): Promise<string> {
  const hash = live && viewer.name !== null ? hashOf(html) : null;
  return String(await <Main live={hash} html={html} />);
}

/** The flash of the request before is told only once. */
function headersOf(request: Request, options: { readonly inlineStyles?: boolean }): Headers {
  const headers = pageHeaders(options);
  if (flashOf(request) !== null) headers.append("set-cookie", flashCookie(null));
  return headers;
}

/** The whole document. */
export async function pageResponse(frame: PageFrame, shown: PageShown): Promise<Response> {
  const [before, after] = await frameText(frame, shown);
  const html = await mainText(shown.main);
  const main = await mainElement(frame.viewer, shown.live !== false, html);
  const headers = headersOf(frame.request, { inlineStyles: shown.inlineStyles === true });
  if (shown.retryAfterSeconds !== undefined) {
    headers.set("retry-after", `${shown.retryAfterSeconds}`);
  }
  return textResponse(frame.request, before + main + after, shown.status ?? 200, headers);
}

/**
 * The document of a page whose title is known before it is made: what stands before its main part
 * is sent at once.
 * @param html the inside of its main part; must not reject
 */
export function earlyResponse(
  frame: PageFrame,
  title: string,
  html: () => Promise<string>,
): Response {
  async function* parts(): AsyncGenerator<string> {
    const [before, after] = await frameText(frame, { title });
    yield before;
    yield await mainElement(frame.viewer, true, await html()) + after;
  }
  return partedResponse(frame.request, parts(), headersOf(frame.request, {}));
}
