/**
 * Plots of what is used, in place of the pictures that stand there without script. They are drawn
 * anew while the page is to be seen, and by its colours.
 */
import uPlot from "uplot";
import type { IslandSettings } from "./islands.ts";
import { axisSteps, type Figure, figuresOf, figureText, type Series } from "./plot_lines.ts";

interface View {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly series: readonly Series[];
}

const HEIGHT = 150;
const LEAST_WAIT_MS = 10_000;
const POINTS = 240;
const COLOURS = ["--accent", "--warn", "--good", "--bad", "--idle", "--line-strong"];

const DAY_MS = 86_400_000;

const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const calendarDay = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A plot, and what stands above it. */
interface Drawn {
  readonly box: HTMLElement;
  readonly now: HTMLElement;
  readonly room: HTMLElement;
  plot: uPlot | null;
  lines: string;
}

function made(name: string, className: string, text = ""): HTMLElement {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

function optionsOf(
  figure: Figure,
  width: number,
  rangeMs: number,
  colour: (name: string) => string,
): uPlot.Options {
  const axis = { stroke: colour("--muted"), grid: { stroke: colour("--line"), width: 1 } };
  const ticks = { stroke: colour("--line"), width: 1 };
  const steps = axisSteps(figure.unit);
  return {
    width,
    height: HEIGHT,
    ms: 1,
    cursor: { y: false, points: { size: 6 }, sync: { key: "skerry" } },
    scales: { y: { range: (_plot, _low, high) => [0, (high || 1) * 1.1] } },
    axes: [
      {
        ...axis,
        ticks,
        size: 30,
        font: "11px system-ui",
        values: (_plot, values) =>
          values.map((at) => (rangeMs > DAY_MS ? calendarDay : clockTime).format(at)),
      },
      {
        ...axis,
        ticks,
        size: 74,
        font: "11px system-ui",
        values: (_plot, values) => values.map((value) => figureText(value, figure.unit, "")),
        ...(steps === null ? {} : { incrs: steps }),
      },
    ],
    series: [
      { label: "at", value: (_plot, at) => at === null ? "–" : moment.format(at) },
      ...figure.lines.map(({ label }, index): uPlot.Series => ({
        label,
        stroke: colour(label === "peak" ? "--idle" : COLOURS[index % COLOURS.length] ?? ""),
        width: label === "peak" ? 1 : 1.5,
        ...(figure.lines.length === 1 ? { fill: colour("--accent-ground") } : {}),
        spanGaps: false,
        points: { show: false },
        value: (_plot, value) => figureText(value, figure.unit),
      })),
    ],
  };
}

/** The last figure that is known, in words. */
function lastText({ lines, unit }: Figure): string {
  return lines.filter(({ label }) => label !== "peak").map(({ label, points }) => {
    const last = [...points].reverse().find((point) => point !== null) ?? null;
    return lines.length === 1 || label === "used"
      ? figureText(last, unit)
      : `${label} ${figureText(last, unit)}`;
  }).join(", ");
}

export function start(element: HTMLElement, settings: IslandSettings): void {
  const source = String(settings["source"]);
  const rangeMs = Number(settings["rangeMs"]);
  const drawn = new Map<string, Drawn>();
  const word = made("p", "plot-word muted", "Loading…");
  element.replaceChildren(word);
  let view: View | null = null;
  let timer = 0;
  let asking = false;

  const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
  /** light-dark() is resolved by the browser where it is a colour of something. */
  const probe = made("span", "plot-probe");
  const resolved = (name: string) => {
    probe.style.color = `var(${name})`;
    element.append(probe);
    const text = getComputedStyle(probe).color;
    probe.remove();
    return text === "" ? colour(name) : text;
  };

  function placeOf(figure: Figure): Drawn {
    const known = drawn.get(figure.title);
    if (known !== undefined) return known;
    const box = made("figure", "plot-box");
    const caption = made("figcaption", "plot-title", figure.title);
    const now = made("span", "plot-now muted");
    caption.append(" ", now);
    const room = made("div", "plot-room");
    room.setAttribute("role", "img");
    box.append(caption, room);
    element.append(box);
    const place = { box, now, room, plot: null, lines: "" };
    drawn.set(figure.title, place);
    return place;
  }

  function draw(anew: boolean): void {
    if (view === null) return;
    const { from, stepMs, series } = view;
    const figures = figuresOf(series);
    word.textContent = figures.length === 0
      ? "Nothing was measured in this time. A first figure takes half a minute."
      : "";
    word.hidden = figures.length > 0;
    for (const figure of figures) {
      const place = placeOf(figure);
      const text = lastText(figure);
      place.now.textContent = text;
      place.room.setAttribute("aria-label", `${figure.title}, now ${text}`);
      const length = figure.lines[0]?.points.length ?? 0;
      const data: uPlot.AlignedData = [
        Array.from({ length }, (_, index) => from + (index + 0.5) * stepMs),
        ...figure.lines.map(({ points }) => [...points]),
      ];
      const lines = figure.lines.map(({ label }) => label).join();
      if (place.plot !== null && !anew && place.lines === lines) {
        place.plot.setData(data);
        continue;
      }
      place.plot?.destroy();
      const width = Math.max(160, place.room.clientWidth);
      place.plot = new uPlot(optionsOf(figure, width, rangeMs, resolved), data, place.room);
      place.lines = lines;
    }
    for (const [title, { box, plot }] of drawn) {
      if (figures.some((figure) => figure.title === title)) continue;
      plot?.destroy();
      box.remove();
      drawn.delete(title);
    }
  }

  async function ask(): Promise<void> {
    clearTimeout(timer);
    if (!element.isConnected) return stop();
    if (document.visibilityState === "hidden" || asking) return;
    asking = true;
    try {
      const to = Date.now();
      const address = `${source}?from=${to - rangeMs}&to=${to}&points=${POINTS}`;
      const response = await fetch(address, {
        headers: { accept: "application/json", "x-skerry-unattended": "plot" },
      });
      if (!response.ok) throw new Error(`status ${response.status}`);
      view = await response.json();
      draw(false);
    } catch {
      if (view === null) {
        word.hidden = false;
        word.textContent = "The figures cannot be had now. They are asked for again.";
      }
    } finally {
      asking = false;
      timer = setTimeout(ask, Math.max(LEAST_WAIT_MS, Math.min(view?.stepMs ?? 0, 60_000)));
    }
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  const redraw = () => draw(true);
  const theme = new MutationObserver(redraw);
  const size = new ResizeObserver(() => {
    for (const { plot, room } of drawn.values()) {
      const width = Math.max(160, room.clientWidth);
      if (plot !== null && plot.width !== width) plot.setSize({ width, height: HEIGHT });
    }
  });
  function stop(): void {
    clearTimeout(timer);
    theme.disconnect();
    size.disconnect();
    dark.removeEventListener("change", redraw);
    document.removeEventListener("visibilitychange", ask);
    for (const { plot } of drawn.values()) plot?.destroy();
  }
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  size.observe(element);
  dark.addEventListener("change", redraw);
  document.addEventListener("visibilitychange", ask);
  ask();
}
