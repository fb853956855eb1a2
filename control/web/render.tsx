/** A page as an answer. */
import { Document } from "../../ui/layout/document.tsx";
import type { Child } from "../../ui/markup.ts";
import type { Viewer } from "../../ui/viewer.ts";
import type { Assets } from "./assets.ts";
import { textResponse } from "./compress.ts";
import { flashCookie, flashOf, themeOf } from "./cookies.ts";
import { pageHeaders } from "./headers.ts";
import { hashOf } from "./live.ts";
import { addressOf } from "./match.ts";
import type { PageShown } from "./page.ts";

/** The inside of `<main>`. */
export async function mainText(main: Child): Promise<string> {
  return String(await <>{main}</>);
}

/** The whole document, with the flash of the request before, which is told only once. */
export async function pageResponse(
  { request, shown, viewer, assets }: {
    request: Request;
    shown: PageShown;
    viewer: Viewer;
    assets: Assets;
  },
): Promise<Response> {
  const url = new URL(request.url);
  const flash = flashOf(request);
  const main = await mainText(shown.main);
  const document = await (
    <Document
      title={shown.title}
      address={addressOf(url)}
      viewer={viewer}
      theme={themeOf(request)}
      flash={flash}
      asset={assets.address}
      scripts={shown.scripts ?? []}
      styles={shown.styles ?? []}
      live={shown.live === false || viewer.name === null ? null : hashOf(main)}
      bare={shown.bare === true || viewer.name === null}
      main={main}
    />
  );
  const headers = pageHeaders({ inlineStyles: shown.inlineStyles === true });
  if (shown.retryAfterSeconds !== undefined) {
    headers.set("retry-after", `${shown.retryAfterSeconds}`);
  }
  if (flash !== null) headers.append("set-cookie", flashCookie(null));
  return textResponse(request, `<!doctype html>${document}`, shown.status ?? 200, headers);
}
