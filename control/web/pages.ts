/** Every page by its address: the file in pages/ asks the API, the one in ui/pages/ shows. The first that fits is taken. */
import type { Page } from "./page.ts";
import { overviewPage } from "./pages/overview.tsx";

export const PAGES: readonly Page[] = [
  overviewPage,
];
