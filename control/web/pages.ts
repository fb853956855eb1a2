/** Every page by its address: the file in pages/ asks the API, the one in ui/pages/ shows. The first that fits is taken. */
import type { Page } from "./page.ts";
import { accountPage } from "./pages/account.tsx";
import { applyPage, uploadPage } from "./pages/apply.tsx";
import { changePage } from "./pages/change.tsx";
import { projectLogsPage, serviceLogsPage } from "./pages/logs.tsx";
import { releasePage } from "./pages/release.tsx";
import { terminalPage } from "./pages/terminal.tsx";
import { loginPage, setupPage } from "./pages/login.tsx";
import { tokensPage } from "./pages/tokens.tsx";
import { userPage, usersPage } from "./pages/users.tsx";
import { READING_PAGES } from "./reading_pages.ts";

export const PAGES: readonly Page[] = [
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
];
