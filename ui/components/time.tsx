/** Moments: UTC from the server; ui/client/times.ts makes them local, with the exact one on hover. */
import type { Markup } from "../markup.ts";
import { instantIso, instantText } from "../text/format.ts";

/** A moment as a clock shows it. Null: none. */
export function Moment({ at }: { at: number | null }): Markup {
  if (at === null) return <span class="muted">never</span>;
  return (
    <time datetime={instantIso(at)} data-time="exact" title={instantText(at)}>
      {instantText(at)}
    </time>
  );
}

/** A moment by its distance from now: `3 min ago`, `in 2 h`. Without script it is the moment itself. */
export function Ago({ at }: { at: number | null }): Markup {
  if (at === null) return <span class="muted">never</span>;
  return (
    <time datetime={instantIso(at)} data-time="ago" title={instantText(at)}>
      {instantText(at)}
    </time>
  );
}
