/** Plots of what a node or a service uses: ui/client/plot.ts draws them, pictures stand there without script. */
import type { Markup } from "../markup.ts";
import { Card } from "./card.tsx";
import { Island } from "./island.tsx";

const HOUR_MS = 3_600_000;

export const PLOT_RANGES = {
  "1h": { label: "1 h", words: "the last hour", ms: HOUR_MS },
  "6h": { label: "6 h", words: "the last 6 hours", ms: 6 * HOUR_MS },
  "1d": { label: "1 d", words: "the last day", ms: 24 * HOUR_MS },
  "1w": { label: "1 w", words: "the last week", ms: 7 * 24 * HOUR_MS },
  "4w": { label: "4 w", words: "the last 4 weeks", ms: 28 * 24 * HOUR_MS },
} as const;
export type PlotRange = keyof typeof PLOT_RANGES;

const isRange = (text: string): text is PlotRange => Object.hasOwn(PLOT_RANGES, text);
const RANGES = Object.keys(PLOT_RANGES).filter(isRange);

/** The range that a page's `?range=` names; an hour where it names none. */
export function plotRange(text: string | null): PlotRange {
  return text !== null && isRange(text) ? text : "1h";
}

/** What is drawn. */
export type PlotSubject =
  | { readonly kind: "node"; readonly node: string }
  | { readonly kind: "service"; readonly project: string; readonly service: string };

function pathOf(subject: PlotSubject): string {
  return subject.kind === "node"
    ? `nodes/${encodeURIComponent(subject.node)}`
    : `projects/${encodeURIComponent(subject.project)}/services/${
      encodeURIComponent(subject.service)
    }`;
}

/** Pictures for pages without script, each by what it shows. */
const STILLS = {
  cpu: "Processor",
  memory: "Memory",
  network: "Network, in and out",
  disk: "Disk, read and written",
} as const;
export type PlotStill = keyof typeof STILLS;

/**
 * A card of plots.
 * @param here path of the page, which the choice of a range leads back to
 */
export function PlotCard(
  { subject, range, here, title }: {
    subject: PlotSubject;
    range: PlotRange;
    here: string;
    title?: string;
  },
): Markup {
  const path = pathOf(subject);
  const { words, ms } = PLOT_RANGES[range];
  return (
    <Card id="plots" title={title ?? "Resources"}>
      <nav class="plot-ranges" aria-label="Time that is shown">
        {RANGES.map((each) => (
          <a
            href={`${here}?range=${each}#plots`}
            {...(each === range ? { "aria-current": "true" } : {})}
          >
            {PLOT_RANGES[each].label}
          </a>
        ))}
      </nav>
      <Island
        name="plot"
        id="plots-drawn"
        settings={{ source: `/api/v1/${path}/metrics`, rangeMs: ms }}
      >
        <noscript>
          {Object.entries(STILLS).map(([still, label]) => (
            <figure class="plot-box">
              <figcaption class="plot-title">{label}</figcaption>
              <img
                class="plot-still"
                src={`/plots/${path}/${still}.svg?range=${range}`}
                alt={`${label}, ${words}`}
                width="300"
                height="60"
              />
            </figure>
          ))}
        </noscript>
      </Island>
    </Card>
  );
}
