/** Every form that pages send, by its address. The first that fits is taken. */
import { releaseForm, uploadForm, variablesForm } from "./pages/apply.tsx";
import { changeForm } from "./pages/change.tsx";
import type { FormRoute } from "./page.ts";

export const FORMS: readonly FormRoute[] = [
  uploadForm,
  releaseForm,
  variablesForm,
  changeForm,
];
