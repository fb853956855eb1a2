/**
 * Live logs. Lines go into a ring; the screen is brought up to it once a frame at most, with so few
 * rows that thousands of lines a second do not hold up the browser.
 */
import { ansiParts, plainText } from "./ansi.ts";
import type { IslandSettings } from "./islands.ts";
import {
  createJoiner,
  createLineRing,
  isWanted,
  type LogFilter,
  patternOf,
  type ShownLine,
} from "./log_lines.ts";
import { followLogs } from "./log_stream.ts";

/** Lines that can be searched. */
const KEPT = 10_000;
/** Rows in the document. */
const ROWS = 1_000;
/** More than fill any screen: where so many come at once, those before them were never to be read. */
const SWEEP = 200;
/** The screen is brought up to date no more often. */
const SHOW_MS = 80;
/** So long without a line, and all rows are there again. */
const CALM_MS = 1_000;
/** A browser that is slow is left most of its time, but shows something twice a second. */
const SLOWEST_SHOW_MS = 500;

function made<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = "",
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function button(text: string): HTMLButtonElement {
  const element = made("button", "button plain", text);
  element.type = "button";
  return element;
}

function checkbox(text: string, on: boolean): { label: HTMLLabelElement; input: HTMLInputElement } {
  const label = made("label", "log-choice");
  const input = made("input", "");
  input.type = "checkbox";
  input.checked = on;
  label.append(input, text);
  return { label, input };
}

function clockText(time: string): string {
  const at = new Date(time);
  if (Number.isNaN(at.getTime())) return time;
  const two = (value: number) => String(value).padStart(2, "0");
  const ms = String(at.getMilliseconds()).padStart(3, "0");
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${ms}`;
}

/** Text with the places that were looked for marked. */
function withMarks(room: Node, text: string, pattern: RegExp | null): void {
  if (pattern === null) return void room.appendChild(document.createTextNode(text));
  pattern.lastIndex = 0;
  let from = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    if (match[0] === "") {
      pattern.lastIndex++;
      continue;
    }
    room.appendChild(document.createTextNode(text.slice(from, match.index)));
    room.appendChild(made("mark", "", match[0]));
    from = match.index + match[0].length;
  }
  room.appendChild(document.createTextNode(text.slice(from)));
}

/** The same markup as ui/components/log_line.tsx. */
function rowOf(line: ShownLine, who: boolean, pattern: RegExp | null): HTMLLIElement {
  const row = made("li", `log-line ${line.stream}`);
  const time = made("time", "", clockText(line.time));
  time.dateTime = line.time;
  time.title = line.time;
  row.append(time);
  if (who) row.append(made("span", "log-who", `${line.service}/${line.slot}`));
  if (line.gap === true) {
    row.append(made("span", "log-cut", line.text));
    return row;
  }
  const text = made("span", "log-text");
  for (const part of ansiParts(line.text)) {
    const room = part.style === "" ? text : text.appendChild(made("span", part.style));
    withMarks(room, part.text, pattern);
  }
  if (line.cut > 0) text.append(made("span", "log-cut", `… ${line.cut} more characters`));
  row.append(text);
  return row;
}

function wholeText(lines: readonly ShownLine[], who: boolean): string {
  return lines.map((line) =>
    `${line.time} ${who ? `${line.service}/${line.slot} ` : ""}${plainText(line.text)}\n`
  ).join("");
}

/** Takes the part of the page over. */
export function start(island: HTMLElement, settings: IslandSettings): void {
  const project = String(settings["project"] ?? "");
  const service = typeof settings["service"] === "string" ? settings["service"] : null;
  const who = service === null;
  const room = island.querySelector<HTMLElement>(".log-room");
  const list = island.querySelector<HTMLOListElement>(".log-lines");
  const form = island.querySelector<HTMLFormElement>("form");
  if (room === null || list === null || form === null) return;
  const search = form.querySelector<HTMLInputElement>("[name=q]");
  const services = form.querySelector<HTMLSelectElement>("[name=service]");
  const streams = form.querySelector<HTMLSelectElement>("[name=stream]");
  const counts = form.querySelector<HTMLSelectElement>("[name=n]");

  const ring = createLineRing(KEPT);
  let join = createJoiner();
  /** Lines that came since the screen was last brought up to date. */
  let fresh: ShownLine[] = [];
  let first = true;
  let follows = true;
  let redraw = false;
  /** Rows are missing before those that are shown. */
  let swept = false;
  /** Where the reader was scrolled to. */
  let wasAt = 0;
  let filter: LogFilter = { pattern: null, service: "", stream: "" };

  const bar = made("div", "log-bar");
  const pause = button("Pause");
  const state = made("span", "log-state", "connecting…");
  state.setAttribute("role", "status");
  const regex = checkbox("Regex", settings["regex"] === true);
  regex.label.title = "What is looked for is a regular expression";
  const wrap = checkbox("Wrap", true);
  const copy = button("Copy");
  const save = button("Download");
  bar.append(pause, state, regex.label, wrap.label, copy, save);
  form.after(bar);
  form.querySelector("[data-without-script]")?.remove();
  island.querySelector(".log-empty")?.remove();
  const none = made("p", "log-empty");
  none.hidden = true;
  room.append(none);

  function say(text: string, tone: "" | "busy" | "bad" = ""): void {
    state.textContent = text;
    state.className = `log-state ${tone}`;
  }
  function showPause(): void {
    const waiting = fresh.length > 0 && !follows;
    pause.textContent = follows ? "Pause" : waiting ? `Follow (${fresh.length} new)` : "Follow";
    pause.setAttribute("aria-pressed", String(!follows));
  }

  function draw(): void {
    const { pattern } = filter;
    const anew = first || redraw;
    const incoming = anew ? ring.all() : fresh;
    first = redraw = false;
    fresh = [];
    const most = anew ? ROWS : SWEEP;
    const wanted: ShownLine[] = [];
    // From the newest: what would scroll out at once is never made.
    for (let i = incoming.length - 1; i >= 0 && wanted.length < most; i--) {
      const line = incoming[i];
      if (line !== undefined && isWanted(line, filter)) wanted.push(line);
    }
    wanted.reverse();
    const rows = wanted.map((line) => rowOf(line, who, pattern));
    if (anew) {
      // Whoever stopped it goes on reading where they were.
      const fromEnd = room === null || follows ? 0 : room.scrollHeight - room.scrollTop;
      list?.replaceChildren(...rows);
      // No scrolling of theirs: it does not mean to follow.
      if (room !== null && !follows) {
        room.scrollTop = room.scrollHeight - fromEnd;
        wasAt = room.scrollTop;
      }
      swept = false;
    } else if (rows.length === SWEEP) {
      list?.replaceChildren(...rows);
      swept = true;
    } else if (rows.length > 0) {
      const over = (list?.childElementCount ?? 0) + rows.length - ROWS;
      if (over > 0 && list !== null) {
        const range = document.createRange();
        range.setStart(list, 0);
        range.setEnd(list, Math.min(over, list.childElementCount));
        range.deleteContents();
      }
      list?.append(...rows);
    }
    none.hidden = (list?.childElementCount ?? 0) > 0;
    none.textContent = ring.all().length === 0 ? "Nothing was written yet." : "No line fits.";
    if (follows && room !== null && (anew || rows.length > 0)) room.scrollTop = room.scrollHeight;
  }

  let drawnAt = 0;
  let waitMs = SHOW_MS;
  let asked = false;
  let calm = 0;
  /** What was swept away comes back once few lines come. */
  function fillWhenCalm(): void {
    clearTimeout(calm);
    if (!swept) return;
    calm = setTimeout(() => {
      redraw = true;
      ask();
    }, CALM_MS);
  }
  function ask(): void {
    if (asked) return;
    asked = true;
    const due = Math.max(0, waitMs - (performance.now() - drawnAt));
    setTimeout(() =>
      requestAnimationFrame(() => {
        asked = false;
        drawnAt = performance.now();
        if (follows || first || redraw) draw();
        showPause();
        const tookMs = performance.now() - drawnAt;
        waitMs = Math.min(SLOWEST_SHOW_MS, Math.max(SHOW_MS, 4 * tookMs));
        fillWhenCalm();
      }), due);
  }

  function setFollows(on: boolean): void {
    follows = on;
    if (on || swept) redraw = true;
    showPause();
    ask();
  }
  pause.addEventListener("click", () => setFollows(!follows));
  // Whoever scrolls up wants to read; at the end again, to follow.
  room.addEventListener("scroll", () => {
    const end = room.scrollHeight - room.clientHeight - room.scrollTop < 24;
    if (follows && !end && room.scrollTop < wasAt) setFollows(false);
    else if (!follows && end && room.scrollTop > wasAt) setFollows(true);
    wasAt = room.scrollTop;
  }, { passive: true });

  function refilter(): void {
    let pattern: RegExp | null = null;
    try {
      pattern = patternOf(search?.value ?? "", regex.input.checked);
      search?.setCustomValidity("");
    } catch (thrown) {
      search?.setCustomValidity(thrown instanceof Error ? thrown.message : "no expression");
      search?.reportValidity();
      return;
    }
    filter = { pattern, service: services?.value ?? "", stream: streams?.value ?? "" };
    redraw = true;
    ask();
  }
  form.addEventListener("submit", (event) => event.preventDefault());
  for (const input of [search, services, streams, regex.input]) {
    input?.addEventListener("input", refilter);
  }
  wrap.input.addEventListener("input", () => {
    list.classList.toggle("unwrapped", !wrap.input.checked);
    if (follows) room.scrollTop = room.scrollHeight;
  });
  const wantedLines = () => ring.all().filter((line) => isWanted(line, filter));
  copy.addEventListener("click", () => {
    navigator.clipboard.writeText(wholeText(wantedLines(), who))
      .then(() => say("copied"), () => say("the browser does not let this be copied", "bad"));
  });
  save.addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([wholeText(wantedLines(), who)]));
    link.download = `${service ?? project}.log`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  });

  let following = new AbortController();
  function follow(): void {
    following.abort();
    following = new AbortController();
    ring.clear();
    fresh = [];
    join = createJoiner();
    redraw = true;
    const take = (shown: ShownLine | null) => {
      if (shown === null) return;
      ring.push(shown);
      fresh.push(shown);
      if (fresh.length > KEPT * 2) fresh = fresh.slice(-KEPT);
      ask();
    };
    followLogs({ project, service, tail: Number(counts?.value ?? settings["tail"] ?? 200) }, {
      line: (line) => take(join(line)),
      gap: (line, after) =>
        take({
          ...line,
          text: `lines between ${clockText(after)} and ${
            clockText(line.time)
          } are not kept any more`,
          partial: false,
          number: -1,
          cut: 0,
          gap: true,
        }),
      opened: () => say("live"),
      lost: (why) => say(`reconnecting: ${why}`, "busy"),
      ended: (why) => say(why, "bad"),
    }, following.signal).catch((thrown: unknown) => say(String(thrown), "bad"));
  }
  counts?.addEventListener("input", follow);
  addEventListener("pagehide", () => following.abort());
  addEventListener("pageshow", ({ persisted }) => persisted ? follow() : undefined);
  refilter();
  showPause();
  follow();
}
