/** Every form that pages send, by its address. The first that fits is taken. */
import type { FormRoute } from "./page.ts";

export const FORMS: readonly FormRoute[] = [];
