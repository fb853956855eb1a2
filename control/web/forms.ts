/** Every form that pages send, by its address. The first that fits is taken. */
import { releaseForm, uploadForm, variablesForm } from "./pages/apply.tsx";
import { changeForm } from "./pages/change.tsx";
import { actForms } from "./pages/acts.tsx";
import { settingsForms } from "./pages/settings.tsx";
import { accountForms } from "./pages/account.tsx";
import { loginForm, logoutForm, setupForm } from "./pages/login.tsx";
import { tokenForms } from "./pages/tokens.tsx";
import { userForms } from "./pages/users.tsx";
import type { FormRoute } from "./page.ts";

export const FORMS: readonly FormRoute[] = [
  uploadForm,
  releaseForm,
  variablesForm,
  changeForm,
  loginForm,
  logoutForm,
  setupForm,
  ...actForms,
  ...settingsForms,
  ...accountForms,
  ...tokenForms,
  ...userForms,
];
