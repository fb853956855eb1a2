/** What the compiler does not see in markup: names of elements, and what the pages' own policy refuses. */
import { codeOnly } from "./sources.ts";

const ELEMENTS = new Set(
  ("a abbr article aside b blockquote body br button caption circle code col colgroup datalist dd del details " +
    "dialog div dl dt em fieldset figcaption figure footer form g h1 h2 h3 h4 head header hr html " +
    "i img input ins kbd label legend li line link main mark meta meter nav noscript ol optgroup " +
    "option output p path picture pre progress q rect s samp script search section select small " +
    "span strong sub summary sup svg table tbody td textarea tfoot th thead time title tr u ul var wbr")
    .split(" "),
);

/**
 * A literal among other children that has what HTML escapes: Deno's `precompile` escapes it, and so
 * does the component that it is given to.
 */
const ESCAPED_TWICE = /(?<!=)\{"(?=[^"]*[&<>'])[^"]*"\}/;

/**
 * Each line of markup that names an unknown element, holds style, handlers or raw text, or shows an
 * escape in place of a character.
 */
export function markupFaults(text: string): string[] {
  const lines = text.split("\n");
  return codeOnly(text).split("\n").flatMap((line, at) => {
    const unknown = [...line.matchAll(/(?<![\w$.)\]])<([a-z][\w-]*)(?=[\s>/]|$)/g)]
      .flatMap(([, name]) => name === undefined || ELEMENTS.has(name) ? [] : [`<${name}>`]);
    const refused = [
      ...line.matchAll(/(?<=\s)(style|on[a-z]+)=(?=[{"'])|\bdangerouslySetInnerHTML\b/g),
    ].map(([found]) => found);
    const inline = /<script(?![^>]*\bsrc=)[\s>]/.test(line) ? ["<script> without src"] : [];
    const twice = ESCAPED_TWICE.test(lines[at] ?? "") ? ["a literal that is escaped twice"] : [];
    return [...unknown, ...refused, ...inline, ...twice].map((what) => `line ${at + 1}: ${what}`);
  });
}
