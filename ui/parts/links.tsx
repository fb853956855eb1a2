/** Where something is reached. */
import type { Markup } from "../markup.ts";

/** Addresses to follow, and words that lead nowhere by themselves; `most` of these, the rest counted. */
export function Links(
  { urls, more = [], most = more.length }: {
    urls: readonly string[];
    more?: readonly string[];
    most?: number;
  },
): Markup {
  // One more takes no more room than to say so.
  const told = more.length <= most + 1 ? more : more.slice(0, most);
  return (
    <ul class="list small">
      {urls.map((url) => (
        <li>
          {/^https?:\/\//.test(url) ? <a href={url} rel="noreferrer">{url}</a> : url}
        </li>
      ))}
      {told.map((text) => <li class="mono">{text}</li>)}
      {told.length < more.length && <li class="muted">and {more.length - told.length} more</li>}
    </ul>
  );
}
