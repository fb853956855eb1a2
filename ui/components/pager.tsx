/** Which part of a long list is shown, and the way to the others. */
import type { Markup } from "../markup.ts";

/** `next` and `first` are addresses of pages; null: there is none. */
export function Pager(
  { shown, first, next }: { shown: string; first: string | null; next: string | null },
): Markup {
  return (
    <nav class="pager" aria-label="Pages of this list">
      <span class="muted">{shown}</span>
      {first !== null && <a class="button plain" href={first} rel="first">Newest</a>}
      {next !== null && <a class="button plain" href={next} rel="next">Older</a>}
    </nav>
  );
}
