/** Addresses to pages. */

/** The parameters of a path that fits a pattern such as `/nodes/:node`; null: it does not fit. */
export function matchPath(
  pattern: string,
  path: string,
): Readonly<Record<string, string>> | null {
  const wanted = pattern.split("/");
  const found = path.split("/");
  if (wanted.length !== found.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const given = found[at] ?? "";
    if (!part.startsWith(":")) {
      if (part !== given) return null;
      continue;
    }
    try {
      params[part.slice(1)] = decodeURIComponent(given);
    } catch {
      return null;
    }
    if (params[part.slice(1)] === "") return null;
  }
  return params;
}

/** The first of several that a path fits, with its parameters. */
export function findByPath<Item extends { readonly path: string }>(
  items: readonly Item[],
  path: string,
): { readonly item: Item; readonly params: Readonly<Record<string, string>> } | null {
  for (const item of items) {
    const params = matchPath(item.path, path);
    if (params !== null) return { item, params };
  }
  return null;
}

/** Where somebody goes after a login: a path of ours, nothing else. */
export function ownPath(text: string | null): string {
  if (text === null || !/^\/(?![/\\])[^\\\s]*$/.test(text)) return "/";
  // As a browser sends it: a header holds nothing else.
  const { pathname, search, hash } = new URL(text, "http://page");
  return pathname.startsWith("//") ? "/" : pathname + search + hash;
}

/**
 * Path and query of a request, as a page's address. One that begins with two strokes would be read as
 * an address of another host, as in links: it is one that no page has.
 */
export function addressOf({ pathname, search }: Pick<URL, "pathname" | "search">): string {
  return pathname.replace(/^\/{2,}/, "/-/") + search;
}
