/** The courses of all samples as one SVG: a panel for what shares an axis. Pure. */
import { type Sample, SERIES, SERIES_NAMES, type SeriesName } from "./series.ts";
import { trendOf } from "./trend.ts";

const COLUMNS = 2;
const WIDTH = 600;
const HEIGHT = 250;
/** Of a panel: title above, axis below and to the left; the legend stands to the right of the lines. */
const INSIDE = { left: 58, top: 34, right: 266, bottom: 30 } as const;
const TICKS = 4;
/** Of the legend: from line to line, and what is left free at the panel's right edge. */
const LEGEND = { step: 20, free: 24 } as const;

/** Legible on white and on black; who sees colours otherwise tells the lines by their dashes. */
const STYLE = `
  svg { font: 12px system-ui, sans-serif; background: #fff; }
  text { fill: #1c2430; } .soft { fill: #5b6675; } .grid { stroke: #d9dee5; } .axis { stroke: #8a94a3; }
  .title { font-weight: 600; font-size: 13px; }
  .line { fill: none; stroke-width: 1.6; }
  .c0 { stroke: #0b62b8; } .c1 { stroke: #b4420a; } .c2 { stroke: #1c7c3a; } .c3 { stroke: #7d3cb5; }
  .c4 { stroke: #a61b54; } .c5 { stroke: #3f6b75; } .c6 { stroke: #7a6200; } .c7 { stroke: #52525b; }
  .c8 { stroke: #0f8f8a; }
  @media (prefers-color-scheme: dark) {
    svg { background: #12161c; }
    text { fill: #e6eaf0; } .soft { fill: #a3adba; } .grid { stroke: #2b323c; } .axis { stroke: #6c7684; }
    .c0 { stroke: #6cb4ff; } .c1 { stroke: #ff9d66; } .c2 { stroke: #6fd58e; } .c3 { stroke: #c79bf2; }
    .c4 { stroke: #ff8fb8; } .c5 { stroke: #9fc7d1; } .c6 { stroke: #e3c34a; } .c7 { stroke: #c4c4cc; }
    .c8 { stroke: #5fded8; }
  }`;

const escape = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
const number = (value: number) =>
  Math.abs(value) >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);

/** A step of 1, 2 or 5 times a power of ten, so that some `TICKS` of them reach the value. */
export function niceStep(most: number): number {
  const raw = Math.max(most, 1) / TICKS;
  const power = 10 ** Math.floor(Math.log10(raw));
  return ([1, 2, 5, 10].find((each) => each * power >= raw) ?? 10) * power;
}

/** An axis label: thousands are shortened. */
export function short(value: number): string {
  if (Math.abs(value) < 10_000) return number(value);
  return value < 1_000_000 ? `${number(value / 1_000)}k` : `${number(value / 1_000_000)}M`;
}

export function plot(samples: readonly Sample[]): string {
  const panels = [...Map.groupBy(SERIES_NAMES, (name) => SERIES[name].panel)];
  const lines = Math.ceil(panels.length / COLUMNS);
  const [width, height] = [COLUMNS * WIDTH, lines * HEIGHT + 44];
  const last = samples.at(-1);
  const drawn = panels.map(([title, names], at) => {
    const x = (at % COLUMNS) * WIDTH;
    const y = Math.floor(at / COLUMNS) * HEIGHT + 40;
    return `<g transform="translate(${x} ${y})">${panel(title, names, samples)}</g>`;
  });
  const about =
    `${last?.applies ?? 0} applies in a row, ${Math.round((last?.seconds ?? 0) / 60)} ` +
    "minutes; below: how many applies. Growth: over 1,000 applies, by the second half";
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escape(about)}</title>`,
    `<style>${STYLE}\n</style>`,
    `<text class="title" x="12" y="24">${escape(about)}</text>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function panel(title: string, names: readonly SeriesName[], samples: readonly Sample[]): string {
  const values = samples.flatMap((sample) => names.map((name) => sample.values[name]));
  const step = niceStep(Math.max(0, ...values));
  const most = Math.max(step, Math.ceil(Math.max(0, ...values) / step) * step);
  const lastX = Math.max(1, samples.at(-1)?.applies ?? 1);
  const plotWidth = WIDTH - INSIDE.left - INSIDE.right;
  const plotHeight = HEIGHT - INSIDE.top - INSIDE.bottom;
  const atX = (x: number) => number(INSIDE.left + plotWidth * x / lastX);
  const atY = (y: number) => number(INSIDE.top + plotHeight * (1 - y / most));
  const out = [`<text class="title" x="12" y="20">${escape(title)}</text>`];
  for (let y = 0; y <= most; y += step) {
    const [left, right] = [atX(0), atX(lastX)];
    out.push(`<line class="grid" x1="${left}" x2="${right}" y1="${atY(y)}" y2="${atY(y)}"/>`);
    out.push(
      `<text class="soft" text-anchor="end" x="${INSIDE.left - 6}" y="${Number(atY(y)) + 4}">` +
        `${short(y)}</text>`,
    );
  }
  for (const part of [0, 0.5, 1]) {
    const x = Math.round(lastX * part);
    const [from, anchor] = [HEIGHT - INSIDE.bottom + 16, part === 1 ? "end" : "middle"];
    out.push(`<text class="soft" text-anchor="${anchor}" x="${atX(x)}" y="${from}">${x}</text>`);
  }
  out.push(`<line class="axis" x1="${atX(0)}" x2="${atX(lastX)}" y1="${atY(0)}" y2="${atY(0)}"/>`);
  names.forEach((name, at) => {
    const points = samples.map((sample) => `${atX(sample.applies)},${atY(sample.values[name])}`);
    const dash = at % 3 === 0 ? "" : ` stroke-dasharray="${at % 3 === 1 ? "7 3" : "2 3"}"`;
    out.push(`<polyline class="line c${at % 9}"${dash} points="${points.join(" ")}"/>`);
    const y = INSIDE.top + 4 + at * LEGEND.step;
    const x = WIDTH - INSIDE.right + 14;
    out.push(`<line class="line c${at % 9}"${dash} x1="${x}" x2="${x + 22}" y1="${y}" y2="${y}"/>`);
    out.push(`<text x="${x + 28}" y="${y + 4}">${escape(SERIES[name].label)}</text>`);
    out.push(
      `<text class="soft" text-anchor="end" x="${WIDTH - LEGEND.free}" y="${y + 4}">` +
        `${escape(growth(samples, name))}</text>`,
    );
  });
  return out.join("\n");
}

function growth(samples: readonly Sample[], name: SeriesName): string {
  // How long it takes depends on what else the machine does.
  if (SERIES[name].unit === "ms") return "";
  const { growth, verdict } = trendOf(
    samples.map(({ applies, values }) => ({ x: applies, y: values[name] })),
  );
  if (verdict === "steady") return "steady";
  return `${growth > 0 ? "+" : "−"}${short(Math.abs(growth))} ${SERIES[name].unit}`.trim();
}
