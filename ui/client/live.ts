/** The page as it changes: the server sends its main part again, and what differs is put in its place. */
import { Idiomorph } from "idiomorph";
import { startIslands } from "./islands.ts";
import { localise } from "./times.ts";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 20_000;
/** So long a lost connection is not worth a word. */
const QUIET_MS = 2_500;
/** The server sends something at least every 20 s; a link that is silent for longer is dead. */
const SILENT_MS = 50_000;
/** An answer that does not come by then is asked for again. */
const ANSWER_MS = 20_000;

/** What a person did with the page stays: open parts, text that was typed, islands. */
function keeps(from: Node, to: Node): boolean {
  if (!(from instanceof HTMLElement) || !(to instanceof HTMLElement)) return false;
  if (from.hasAttribute("data-island")) {
    return from.dataset["island"] === to.dataset["island"] &&
      from.dataset["settings"] === to.dataset["settings"];
  }
  // A form that somebody is at is not changed under their hands.
  return from instanceof HTMLFormElement && from.hasAttribute("data-touched");
}

function show(main: HTMLElement, html: string): void {
  const room = document.createElement("main");
  room.innerHTML = html;
  localise(room);
  Idiomorph.morph(main, [...room.childNodes], {
    morphStyle: "innerHTML",
    ignoreActiveValue: true,
    callbacks: {
      beforeNodeMorphed: (from: Node, to: Node) => !keeps(from, to),
      beforeAttributeUpdated: (name: string, element: Element) =>
        !(name === "open" && element instanceof HTMLDetailsElement),
    },
  });
  startIslands(main);
}

/** Follows the page's live stream for as long as it is open; starts over whenever it is lost. */
export function goLive(): void {
  const main = document.querySelector<HTMLElement>("main[data-live]");
  const word = document.getElementById("connection");
  if (main === null || word === null) return;
  const path = encodeURIComponent(location.pathname + location.search);
  let have = main.dataset["live"] ?? "";
  let source: EventSource | null = null;
  let waitMs = FIRST_WAIT_MS;
  let silence = 0;
  let quiet = 0;
  let retry = 0;
  let fetching = false;
  let wanted = have;

  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(lose, SILENT_MS);
    clearTimeout(quiet);
    quiet = 0;
    if (word.textContent !== "") word.textContent = "";
  };
  const stop = () => {
    source?.close();
    source = null;
    clearTimeout(silence);
    clearTimeout(retry);
  };
  const lose = () => {
    stop();
    if (quiet === 0) {
      quiet = setTimeout(() => word.textContent = "Connection lost. Trying again…", QUIET_MS);
    }
    // Spread, so that many open pages do not come back at one moment.
    retry = setTimeout(connect, waitMs * (0.5 + Math.random()));
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2);
  };
  /** One fetch at a time; what changes meanwhile is fetched after it. */
  const refresh = async () => {
    if (fetching) return;
    fetching = true;
    try {
      while (wanted !== have) {
        const asked = wanted;
        const response = await fetch(`/live/main?path=${path}`, {
          signal: AbortSignal.timeout(ANSWER_MS),
        });
        if (response.status === 401) return location.assign(await response.text());
        const hash = response.headers.get("x-skerry-main");
        // Not an answer of ours, or one of a server that is just ending.
        if (hash === null) return lose();
        show(main, await response.text());
        have = hash;
        if (wanted === asked) wanted = hash;
      }
      waitMs = FIRST_WAIT_MS;
    } catch {
      lose();
    } finally {
      fetching = false;
    }
  };
  /** Refused, not cut off: the main part's answer says why, which may be that it takes a login. */
  const refused = () => {
    wanted = "";
    refresh().then(() => source === null ? undefined : lose());
  };
  const connect = () => {
    const opened = new EventSource(`/live?path=${path}&have=${have}`);
    source = opened;
    clearTimeout(silence);
    silence = setTimeout(lose, SILENT_MS);
    opened.addEventListener("beat", heard);
    opened.addEventListener("changed", (event) => {
      heard();
      wanted = String(event.data);
      refresh();
    });
    // The page is not to be seen any more by this reader: the server says where to go.
    opened.addEventListener("go", (event) => {
      stop();
      location.assign(String(event.data));
    });
    opened.addEventListener(
      "error",
      () => opened.readyState === EventSource.CLOSED ? refused() : lose(),
    );
  };
  // A page that nobody looks at needs no stream.
  const follow = () => {
    if (document.visibilityState === "hidden") stop();
    else if (source === null) {
      stop();
      connect();
    }
  };
  document.addEventListener("visibilitychange", follow);
  // The browser knows sooner than the silence tells.
  addEventListener("offline", () => source === null ? undefined : lose());
  addEventListener("online", () => {
    stop();
    waitMs = FIRST_WAIT_MS;
    follow();
  });
  // Without a stream the page may be kept as it is, and shown again.
  addEventListener("pagehide", stop);
  addEventListener("pageshow", follow);
  document.addEventListener("input", ({ target }) => {
    if (target instanceof Element) target.closest("form")?.setAttribute("data-touched", "");
  });
  follow();
}
