/** Pages, forms and what they load: everything that is answered to a browser outside of the API. */
import { z } from "zod";
import { createApiClient } from "../../shared/api/client.ts";
import { messageOf, SkerryError } from "../../shared/errors.ts";
import type { Caller } from "../authz/caller.ts";
import type { Context } from "../context.ts";
import { hostOf } from "../reached_at.ts";
import type { HeldUploads } from "../uploads/held_uploads.ts";
import { createAssets } from "./assets.ts";
import { textResponse } from "./compress.ts";
import { flashCookie, themeCookie } from "./cookies.ts";
import { NO_VALUES, readForm } from "./form_values.ts";
import { FORMS } from "./forms.ts";
import { createLive, hashOf, type LivePage, type Rendered } from "./live.ts";
import { addressOf, findByPath, ownPath } from "./match.ts";
import type { FormDone, PageAsked, PageShown } from "./page.ts";
import { PAGES } from "./pages.ts";
import { plotResponse } from "./plots.ts";
import { noPage, problemShown } from "./problem.tsx";
import { earlyResponse, mainText, pageResponse } from "./render.tsx";
import { createSealedTexts } from "./sealed_text.ts";
import { STRANGER, viewerOf } from "./viewer.ts";

const FORM_BYTES = 1_048_576;
/** Anybody may send it. */
const THEME_BYTES = 16_384;

/** One request of a browser, and who sent it. */
export interface WebRequest {
  readonly request: Request;
  readonly caller: Caller;
  /** Who it would be now: a session may have ended since. */
  readonly identify: () => Promise<Caller>;
}

export interface WebDeps extends
  Pick<
    Context,
    "stateBell" | "closing" | "clock" | "settings" | "log" | "random" | "logins"
  > {
  readonly uploads: HeldUploads;
  /** The API in this process, with the rights of a caller. */
  readonly api: (request: Request, caller: Caller) => Promise<Response>;
}

/** A value that no form of ours sends: not an id, or no name where there must be one. */
function isMadeUp(thrown: unknown): boolean {
  return thrown instanceof z.ZodError || thrown instanceof RangeError;
}

const MADE_UP = new SkerryError(
  "bad_request",
  "the form holds a value that is not as it should be",
  "Send it from its page again.",
);

export interface Web {
  fetch(asked: WebRequest): Promise<Response>;
}

function redirect(to: string, cookies: readonly string[] = [], more?: Headers): Response {
  const headers = new Headers(more);
  headers.set("location", to);
  headers.set("cache-control", "no-store");
  for (const cookie of cookies) headers.append("set-cookie", cookie);
  return new Response(null, { status: 303, headers });
}

/** Where a stranger goes, and comes back from. */
export function loginAddress(address: string): string {
  return address === "/" ? "/login" : `/login?next=${encodeURIComponent(address)}`;
}

/** Serves nothing until it is asked. */
export function createWeb(deps: WebDeps): Web {
  const assets = createAssets();
  const sealed = createSealedTexts(() => deps.clock.now(), deps.random);

  function askedOf({ address, caller, host }: LivePage, params: PageAsked["params"]): PageAsked {
    // The answers name addresses by the host at which the reader is.
    const send = (request: Request) => {
      if (request.method !== "GET") return deps.api(request, caller);
      const url = new URL(request.url);
      url.host = host;
      return deps.api(new Request(url, request), caller);
    };
    return {
      api: createApiClient(send),
      send,
      viewer: viewerOf(caller) ?? STRANGER,
      caller,
      params,
      query: new URL(address, "http://page").searchParams,
      address,
      now: deps.clock.now(),
      settings: deps.settings,
      uploads: deps.uploads,
      sealed,
    };
  }

  function failed(thrown: unknown): PageShown {
    const shown = problemShown(thrown);
    if ((shown.status ?? 500) === 500) {
      deps.log.error("a page failed", { why: messageOf(thrown) });
    }
    return shown;
  }

  /** Null: it takes a login. */
  async function shownAt(page: LivePage): Promise<PageShown | null> {
    const { address, caller } = page;
    const { pathname } = new URL(address, "http://page");
    const found = findByPath(PAGES, pathname);
    const stranger = viewerOf(caller) === null;
    if (stranger && found?.item.open !== true) return null;
    if (found === null) return noPage(pathname);
    try {
      return await found.item.show(askedOf(page, found.params));
    } catch (thrown) {
      return failed(thrown);
    }
  }

  const live = createLive({
    stateBell: deps.stateBell,
    closing: deps.closing,
    loginAddress,
    rightsEnd: (caller) => deps.logins.revocations.signalFor(caller),
    async render(page): Promise<Rendered> {
      const shown = await shownAt(page) ?? noPage(page.address);
      const html = await mainText(shown.main);
      return { html, status: shown.status ?? 200, hash: hashOf(html) };
    },
  });

  const frameOf = (request: Request, caller: Caller) => ({
    request,
    viewer: viewerOf(caller) ?? STRANGER,
    assets,
  });
  const respond = (request: Request, caller: Caller, shown: PageShown) =>
    pageResponse(frameOf(request, caller), shown);

  /** The inside of a page's main part, or of what failed about it. */
  async function htmlAt(page: LivePage): Promise<string> {
    try {
      const shown = await shownAt(page) ?? noPage(page.address);
      return await mainText(shown.main);
    } catch (thrown) {
      return await mainText(failed(thrown).main);
    }
  }

  async function liveResponse({ request, caller, identify }: WebRequest): Promise<Response> {
    const url = new URL(request.url);
    const address = ownPath(url.searchParams.get("path"));
    const page = { address, caller, host: hostOf(request, deps.settings) };
    if (viewerOf(caller) === null) {
      return new Response(loginAddress(address), { status: 401 });
    }
    if (url.pathname === "/live") {
      const have = url.searchParams.get("have") ?? "";
      return live.follow({ ...page, identify, have });
    }
    const { html, status, hash } = await live.current(page);
    const headers = new Headers({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-skerry-main": hash,
    });
    return textResponse(request, html, status, headers);
  }

  async function submit({ request, caller }: WebRequest): Promise<Response> {
    const url = new URL(request.url);
    const address = addressOf(url);
    const found = findByPath(FORMS, url.pathname);
    if (found === null) {
      await request.body?.cancel();
      return await respond(request, caller, noPage(url.pathname));
    }
    const { item, params } = found;
    if (viewerOf(caller) === null && item.open !== true) {
      await request.body?.cancel();
      return redirect(loginAddress(ownPath(request.headers.get("x-skerry-back"))));
    }
    let done: FormDone;
    try {
      const form = item.raw === true
        ? NO_VALUES
        : await readForm(request, item.limitBytes ?? FORM_BYTES);
      done = await item.submit({
        ...askedOf({ address, caller, host: hostOf(request, deps.settings) }, params),
        form,
        request,
      });
    } catch (thrown) {
      done = failed(isMadeUp(thrown) ? MADE_UP : thrown);
    }
    if (!("redirect" in done)) {
      return await respond(request, caller, { ...done, status: done.status ?? 422, live: false });
    }
    const cookies = done.flash === undefined ? [] : [flashCookie(done.flash)];
    return redirect(ownPath(done.redirect), cookies, done.headers);
  }

  async function chooseTheme(request: Request): Promise<Response> {
    const form = await readForm(request, THEME_BYTES);
    return redirect(ownPath(form.text("back")), [themeCookie(form.text("theme"))]);
  }

  async function answer(asked: WebRequest): Promise<Response> {
    const { request, caller } = asked;
    const url = new URL(request.url);
    const path = url.pathname;
    if (request.method === "POST") {
      return path === "/theme" ? await chooseTheme(request) : await submit(asked);
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      await request.body?.cancel();
      return new Response(null, { status: 405, headers: { allow: "GET, HEAD, POST" } });
    }
    if (path.startsWith("/assets/")) {
      const asset = assets.respond(request, path);
      if (asset !== null) return asset;
    }
    if (path.startsWith("/plots/") && viewerOf(asked.caller) !== null) {
      const api = createApiClient((sent) => deps.api(sent, asked.caller));
      const picture = await plotResponse(api, url, deps.clock.now());
      if (picture !== null) return picture;
    }
    if (path === "/live" || path === "/live/main") return await liveResponse(asked);
    const address = addressOf(url);
    const page = { address, caller, host: hostOf(request, deps.settings) };
    const early = findByPath(PAGES, path)?.item.early;
    if (early !== undefined && request.method === "GET" && viewerOf(caller) !== null) {
      return earlyResponse(frameOf(request, caller), early, () => htmlAt(page));
    }
    const shown = await shownAt(page);
    return shown === null ? redirect(loginAddress(address)) : await respond(request, caller, shown);
  }

  return {
    async fetch(asked) {
      try {
        return await answer(asked);
      } catch (thrown) {
        return await respond(asked.request, asked.caller, failed(thrown));
      }
    },
  };
}
