/** Parts of a page that a module of their own takes over: `data-island="plot"` is ui/client/plot.ts. */

/** As the page gave them. */
export type IslandSettings = Readonly<Record<string, string | number | boolean | null>>;

/** What the module of an island exports as `start`. */
export type StartIsland = (element: HTMLElement, settings: IslandSettings) => void;

function settingsOf(element: HTMLElement): Parameters<StartIsland>[1] {
  return JSON.parse(element.dataset["settings"] ?? "{}");
}

/** Starts the islands below a node that were not started before. */
export function startIslands(root: ParentNode): void {
  for (const element of root.querySelectorAll("[data-island]:not([data-started])")) {
    const name = element instanceof HTMLElement ? element.dataset["island"] ?? "" : "";
    if (!(element instanceof HTMLElement) || !/^[a-z_]+$/.test(name)) continue;
    element.dataset["started"] = "";
    const start = async () => {
      const module: { start: StartIsland } = await import(`./${name}.ts`);
      module.start(element, settingsOf(element));
    };
    start().catch(reportError);
  }
}
