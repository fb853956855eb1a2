/** Where something is reached. */
import type { Markup } from "../markup.ts";

/** Addresses to follow, and words that lead nowhere by themselves. */
export function Links(
  { urls, more = [] }: { urls: readonly string[]; more?: readonly string[] },
): Markup {
  return (
    <ul class="list small">
      {urls.map((url) => (
        <li>
          {/^https?:\/\//.test(url) ? <a href={url} rel="noreferrer">{url}</a> : url}
        </li>
      ))}
      {more.map((text) => <li class="mono">{text}</li>)}
    </ul>
  );
}
