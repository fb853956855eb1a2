/** How something is: a mark with a word beside it, so that colour is never the only sign. */
import type { Child, Markup } from "../markup.ts";
import type { Tone } from "../text/format.ts";

/** A mark and words in the text's own colour. */
export function Status({ tone, children }: { tone: Tone; children: Child }): Markup {
  return <span class={`status ${tone}`}>{children}</span>;
}

/** A word in a box, for kinds and counts. */
export function Badge({ tone, children }: { tone?: Tone; children: Child }): Markup {
  return <span class={`badge ${tone ?? "idle"}`}>{children}</span>;
}
