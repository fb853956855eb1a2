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
  return text !== null && /^\/(?![/\\])[^\\\s]*$/.test(text) ? text : "/";
}
