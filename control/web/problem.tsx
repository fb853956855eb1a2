/** What went wrong, as a page. */
import { ApiError } from "../../shared/api/problem.ts";
import { ProblemPage } from "../../ui/pages/problem.tsx";
import { sentenceOf } from "../../ui/text/format.ts";
import { problemOf } from "../api/route.ts";
import type { PageShown } from "./page.ts";

const TITLES: Readonly<Record<number, string>> = {
  400: "This cannot be read",
  403: "This is not for you",
  404: "There is nothing here",
  413: "This is too large",
  408: "This came too slowly",
  429: "Too much at once",
  500: "Something failed",
  503: "Not to be reached right now",
};

const HELP: Readonly<Record<number, string>> = {
  403: "Ask an administrator for a role that covers this.",
  404: "It may have been removed, or the address may hold a mistake.",
};

/** Of any error; those of the API keep their own words. */
export function problemShown(thrown: unknown): PageShown {
  const { status, detail, remedy, retryAfterSeconds } = thrown instanceof ApiError
    ? { ...thrown.problem, status: thrown.status }
    : problemOf(thrown);
  const title = TITLES[status] ?? (status >= 500 ? "Something failed" : "This does not work");
  return {
    title,
    status,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    main: (
      <ProblemPage
        title={title}
        detail={sentenceOf(detail)}
        remedy={status === 403 || status === 404 ? HELP[status] ?? null : remedy ?? null}
      />
    ),
  };
}

/** An address that no page has. */
export function noPage(path: string): PageShown {
  return {
    title: "There is nothing here",
    status: 404,
    main: (
      <ProblemPage
        title="There is nothing here"
        detail={`No page has the address ${path.slice(0, 200)}.`}
        remedy="Look for a mistake in the address, or find it from the overview."
      />
    ),
  };
}
