/** The pages that are always one step away. */

export interface NavigationItem {
  readonly text: string;
  readonly href: string;
}

export interface NavigationGroup {
  /** Null: the group needs no name. */
  readonly title: string | null;
  readonly items: readonly NavigationItem[];
}

export const NAVIGATION: readonly NavigationGroup[] = [
  {
    title: null,
    items: [
      { text: "Overview", href: "/" },
      { text: "Apply", href: "/apply" },
    ],
  },
  {
    title: "Workloads",
    items: [
      { text: "Projects", href: "/projects" },
      { text: "Jobs", href: "/jobs" },
      { text: "Volumes", href: "/volumes" },
      { text: "Secrets", href: "/secrets" },
      { text: "Images", href: "/images" },
    ],
  },
  {
    title: "Network",
    items: [
      { text: "Nodes", href: "/nodes" },
      { text: "Routes", href: "/routes" },
      { text: "Names", href: "/names" },
      { text: "Firewall", href: "/firewall" },
    ],
  },
  {
    title: "Control",
    items: [
      { text: "Users", href: "/users" },
      { text: "Tokens", href: "/tokens" },
      { text: "Audit log", href: "/audit" },
      { text: "Settings", href: "/settings" },
    ],
  },
  { title: "Help", items: [{ text: "Documentation", href: "/docs" }] },
];

/** The item that a page belongs to: the longest address that its own begins with. */
export function navigationOf(path: string): string | null {
  const hrefs = NAVIGATION.flatMap(({ items }) => items.map(({ href }) => href));
  const found = hrefs.filter((href) =>
    href === "/" ? path === "/" : path === href || path.startsWith(`${href}/`)
  );
  return found.sort((a, b) => b.length - a.length)[0] ?? null;
}
