/** Every page by its address: the file in pages/ asks the API, the one in ui/pages/ shows. The first that fits is taken. */
import type { Page } from "./page.ts";
import { actPages } from "./pages/acts.tsx";
import { accountPage } from "./pages/account.tsx";
import { applyPage, uploadPage } from "./pages/apply.tsx";
import { changePage } from "./pages/change.tsx";
import { docPage, docsPage } from "./pages/docs.tsx";
import { projectLogsPage, serviceLogsPage } from "./pages/logs.tsx";
import { releasePage } from "./pages/release.tsx";
import { terminalPage } from "./pages/terminal.tsx";
import { loginPage, setupPage } from "./pages/login.tsx";
import { settingsPages } from "./pages/settings.tsx";
import { tokensPage } from "./pages/tokens.tsx";
import { userPage, usersPage } from "./pages/users.tsx";
import { READING_PAGES } from "./reading_pages.ts";

export const PAGES: readonly Page[] = [
  ...actPages,
  ...settingsPages,
  ...READING_PAGES,
  applyPage,
  uploadPage,
  releasePage,
  changePage,
  projectLogsPage,
  serviceLogsPage,
  terminalPage,
  loginPage,
  setupPage,
  accountPage,
  usersPage,
  userPage,
  tokensPage,
  docsPage,
  docPage,
];
