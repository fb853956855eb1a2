/** What components give and take. Text in it is escaped by the JSX runtime; nothing here is raw. */
import type { JSX } from "hono/jsx/jsx-runtime";
import type { Child } from "hono/jsx";

export type Markup = JSX.Element;
export type { Child };
